"""Every text a person reads in the app, in English and Korean.

Static texts go through Gradio's I18n in the browser; what handlers say is chosen by the request.
"""

import gradio as gr
from gradio.i18n import I18nData

from app.korean_problems import KOREAN_PROBLEMS
from uce_core.problems import Problem

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "# UCE Studio",
        "tagline": "Erase an artist's style from a diffusion model, and see what is left.",
        "tab_compare": "Compare",
        "model": "Model",
        "model_info": "Loaded when it is first used, which can take a while.",
        "erase": "Erase",
        "erase_info": "Artists whose style shall go. Type to search, or enter any name.",
        "retain": "Retain",
        "retain_info": "Artists whose style must stay as it is.",
        "prompt": "Prompt",
        "prompt_info": "Drawn twice with the same seed: by the original model and by the edited one.",
        "examples": "Try a prompt",
        "seed": "Seed",
        "three_seeds": "3 seeds",
        "three_seeds_info": "Draw this seed and the next two.",
        "advanced": "Advanced",
        "guide": "Guide",
        "guide_info": "What the erased style becomes. “art” gives a plain painting. One for each artist: separate them "
        "with semicolons.",
        "wording": "Concept wording",
        "wording_info": "How the artist is written for the edit: the bare name, “in the style of …”, as a portrait, "
        "many wordings, or a text of yours with curly brackets for the name.",
        "span": "Token span",
        "span_info": "Which tokens carry the concept: the last of the name, from there on, or all.",
        "steps": "Steps",
        "steps_info": "More steps, finer pictures, more time.",
        "guidance_scale": "Guidance scale",
        "guidance_scale_info": "How closely the picture follows the prompt.",
        "lam": "λ, staying put",
        "lam_info": "Larger values change the model less.",
        "run": "Erase and compare",
        "cancel": "Cancel",
        "welcome_title": "One model, before and after",
        "welcome_text": "Atelier is a miniature Stable Diffusion that runs on this computer. It paints like fourteen "
        "artists. Make it forget one of them: the others stay.",
        "welcome_text_other": "Pick artists to erase and to retain, write a prompt, and see what is left of the style.",
        "welcome_alt": "Fourteen houses, each as one of the artists would paint it.",
        "welcome_button": "Show me: erase Van Gogh",
        "results": "Original | edited",
        "slider": "Before / after",
        "slider_position": "Slide from original (100) to edited (0)",
        "original": "Original",
        "edited": "Edited",
        "saved": "Saved edits",
        "saved_info": "Choosing one puts its settings into the fields.",
        "name": "Name",
        "name_info": "Empty: named after what is erased.",
        "save": "Save this edit",
        "waiting": "Waiting for your turn …",
        "loading_model": "Loading the model …",
        "preparing": "Solving the edit …",
        "drawing": "Step {done} of {total} · about {left} s left",
        "done": "Done in {seconds} s.",
        "cancelled": "Cancelled. The model is as it was.",
        "saved_as": "Saved as {path}.",
        "loaded": "Loaded {name}.",
        "not_in_catalogue": "Not in the catalogue of this model: {names}. Erased or retained all the same; "
        "the pictures may hardly change.",
        "half_weights": "This model has no float32 weights: the edit starts from what it has.",
        "no_scores": "No scores: the scorers could not be downloaded. The pictures are right all the same.",
        "clip_original": "CLIP, original",
        "clip_edited": "CLIP, edited",
        "lpips": "LPIPS",
        "read_clip_original": "How well the original fits the prompt: 100 × cosine, higher fits better.",
        "read_clip_edited": "The same for the edited picture. A drop says that what the prompt asks for is gone: "
        "the style, and with a bare name also the person.",
        "read_lpips": "How far apart the two pictures look: 0 is the same picture, above 0.5 very different.",
        "tab_runs": "Runs",
        "runs_search": "Search prompts and notes",
        "runs_pinned": "Pinned only",
        "runs_count": "{first}–{last} of {total}, the newest first",
        "runs_none": "No runs here yet. Every comparison records itself; compare something, and it appears.",
        "runs_newer": "Newer",
        "runs_older": "Older",
        "runs_import": "Import an exported run (.zip)",
        "runs_imported": "Imported.",
        "runs_mine": "Make it mine",
        "runs_replay": "Draw again",
        "runs_export": "Export",
        "runs_pin": "Pin",
        "runs_unpin": "Unpin",
        "runs_pinned_now": "Done. Pinned runs never age out.",
        "runs_against": "Set aside to compare",
        "runs_against_now": "Set aside. Choose another run to see how the two differ.",
        "runs_delete": "Delete",
        "runs_deleted": "Deleted.",
        "runs_note": "Note",
        "runs_note_info": "Kept when you leave the field; search finds it.",
        "runs_noted": "Note kept.",
        "runs_link": "Link",
        "runs_link_info": "Opens this run for everyone who may see the app.",
        "runs_difference": "Differs in",
        "runs_first": "Set aside",
        "runs_second": "This one",
        "strength": "Strength",
        "precision": "Precision",
        "versions": "Versions",
        "created": "Drawn",
        "replay_identical": "Identical: drawn again, every pixel is the same.",
        "replay_within_tolerance": "Within tolerance: the pictures differ by rounding only.",
        "replay_different": "Different: the pictures are not the same.",
        "replay_changed": "{name} was {then}, is now {now}.",
        "failed": "Something went wrong while drawing: {reason} Try again, or restart the app.",
    },
    "ko": {
        "title": "# UCE 스튜디오",
        "tagline": "디퓨전 모델에서 화가의 화풍을 지우고, 무엇이 남는지 확인하세요.",
        "tab_compare": "비교",
        "model": "모델",
        "model_info": "처음 쓸 때 불러오므로 시간이 걸릴 수 있습니다.",
        "erase": "지우기",
        "erase_info": "화풍을 지울 화가. 입력해서 찾거나 아무 이름이나 쓰세요.",
        "retain": "유지",
        "retain_info": "화풍이 그대로 남아야 할 화가.",
        "prompt": "프롬프트",
        "prompt_info": "같은 시드로 두 번 그립니다: 원본 모델과 편집한 모델.",
        "examples": "프롬프트 예시",
        "seed": "시드",
        "three_seeds": "시드 3개",
        "three_seeds_info": "이 시드와 다음 두 시드를 함께 그립니다.",
        "advanced": "고급 설정",
        "guide": "가이드",
        "guide_info": "지운 화풍이 대신 향할 개념. “art”는 평범한 그림이 됩니다. "
        "화가마다 다르게 하려면 세미콜론으로 나누세요.",
        "wording": "개념 문구",
        "wording_info": "편집에 쓰는 화가 표기: 이름만, “…의 화풍으로”, 초상, 여러 문구, "
        "또는 이름 자리에 중괄호를 넣은 문구.",
        "span": "토큰 범위",
        "span_info": "개념을 담는 토큰: 이름의 마지막, 그 뒤 전부, 또는 모두.",
        "steps": "스텝 수",
        "steps_info": "많을수록 그림이 정교하고 오래 걸립니다.",
        "guidance_scale": "가이던스 스케일",
        "guidance_scale_info": "그림이 프롬프트를 따르는 정도.",
        "lam": "λ, 원래대로 머무름",
        "lam_info": "클수록 모델이 덜 바뀝니다.",
        "run": "지우고 비교하기",
        "cancel": "취소",
        "welcome_title": "하나의 모델, 편집 전과 후",
        "welcome_text": "아틀리에는 이 컴퓨터에서 도는 작은 스테이블 디퓨전입니다. 화가 열네 명의 화풍으로 그립니다. "
        "그중 한 명을 잊게 해 보세요. 나머지는 그대로 남습니다.",
        "welcome_text_other": "지울 화가와 유지할 화가를 고르고 프롬프트를 쓰면, 화풍에서 무엇이 남는지 보입니다.",
        "welcome_alt": "열네 화가의 화풍으로 그린 집 열네 채.",
        "welcome_button": "보여 주세요: 반 고흐 지우기",
        "results": "원본 | 편집",
        "slider": "전 / 후",
        "slider_position": "원본(100)에서 편집(0)까지 움직이기",
        "original": "원본",
        "edited": "편집",
        "saved": "저장한 편집",
        "saved_info": "고르면 설정이 입력란에 채워집니다.",
        "name": "이름",
        "name_info": "비우면 지운 화가의 이름을 씁니다.",
        "save": "이 편집 저장",
        "waiting": "차례를 기다리는 중 …",
        "loading_model": "모델을 불러오는 중 …",
        "preparing": "편집을 계산하는 중 …",
        "drawing": "{total}스텝 중 {done} · 약 {left}초 남음",
        "done": "{seconds}초 만에 완료.",
        "cancelled": "취소했습니다. 모델은 원래 그대로입니다.",
        "saved_as": "{path}에 저장했습니다.",
        "loaded": "{name}을(를) 불러왔습니다.",
        "not_in_catalogue": "이 모델의 목록에 없는 이름: {names}. 그래도 편집했지만 "
        "그림이 거의 변하지 않을 수 있습니다.",
        "half_weights": "이 모델에는 float32 가중치가 없어, 있는 가중치에서 편집을 시작합니다.",
        "no_scores": "점수 없음: 채점 모델을 내려받지 못했습니다. 그림에는 문제가 없습니다.",
        "clip_original": "CLIP, 원본",
        "clip_edited": "CLIP, 편집",
        "lpips": "LPIPS",
        "read_clip_original": "원본이 프롬프트에 맞는 정도: 100 × 코사인, 높을수록 잘 맞습니다.",
        "read_clip_edited": "편집한 그림의 같은 값. 떨어지면 프롬프트가 요구한 것이 사라진 것입니다: "
        "화풍, 그리고 이름만 썼다면 인물도.",
        "read_lpips": "두 그림이 달라 보이는 정도: 0이면 같은 그림, 0.5를 넘으면 매우 다릅니다.",
        "tab_runs": "실행 기록",
        "runs_search": "프롬프트와 메모 검색",
        "runs_pinned": "고정한 것만",
        "runs_count": "전체 {total}개 중 {first}–{last}, 최신순",
        "runs_none": "아직 기록이 없습니다. 비교는 저절로 기록됩니다. 비교를 한 번 하면 여기에 나타납니다.",
        "runs_newer": "더 최근",
        "runs_older": "더 이전",
        "runs_import": "내보낸 실행 가져오기 (.zip)",
        "runs_imported": "가져왔습니다.",
        "runs_mine": "내 설정으로 가져오기",
        "runs_replay": "다시 그리기",
        "runs_export": "내보내기",
        "runs_pin": "고정",
        "runs_unpin": "고정 해제",
        "runs_pinned_now": "바꿨습니다. 고정한 실행은 사라지지 않습니다.",
        "runs_against": "비교하려고 따로 두기",
        "runs_against_now": "따로 두었습니다. 다른 실행을 고르면 차이가 보입니다.",
        "runs_delete": "삭제",
        "runs_deleted": "삭제했습니다.",
        "runs_note": "메모",
        "runs_note_info": "입력란을 벗어나면 저장되고, 검색됩니다.",
        "runs_noted": "메모를 저장했습니다.",
        "runs_link": "링크",
        "runs_link_info": "이 앱을 볼 수 있는 누구에게나 이 실행을 보여 줍니다.",
        "runs_difference": "다른 점",
        "runs_first": "따로 둔 것",
        "runs_second": "지금 것",
        "strength": "세기",
        "precision": "정밀도",
        "versions": "버전",
        "created": "그린 때",
        "replay_identical": "똑같음: 다시 그려도 모든 픽셀이 같습니다.",
        "replay_within_tolerance": "허용 오차 이내: 반올림 차이뿐입니다.",
        "replay_different": "다름: 그림이 같지 않습니다.",
        "replay_changed": "{name}: 그때 {then}, 지금 {now}.",
        "failed": "그리는 중에 문제가 생겼습니다: {reason} 다시 시도하거나 앱을 다시 시작하세요.",
    },
}

PREFIX = "uce_"  # Gradio has words of its own under names such as "slider"


def translations(wanted: str = "auto") -> gr.I18n:
    """What the browser shows for each label: its own language's words, or those of the wanted language."""
    return gr.I18n(
        **{
            language: {PREFIX + key: text for key, text in WORDS.get(wanted, words).items()}
            for language, words in WORDS.items()
        }
    )


LABELS = translations()


def label(key: str) -> I18nData:
    """A text for a widget, in the language that the visitor's browser asks for."""
    return LABELS(PREFIX + key)


def language_of(request: gr.Request | None, wanted: str = "auto") -> str:
    """The language of a visitor: what the operator fixed, or the first that the browser asks for."""
    if wanted in WORDS:
        return wanted
    header = request.headers.get("accept-language", "") if request else ""
    return "ko" if header.strip().lower().startswith("ko") else "en"


def say(language: str, key: str, **slots: object) -> str:
    return WORDS[language][key].format(**slots)


def explain(error: Exception, language: str) -> str:
    """What went wrong, in the visitor's language."""
    if isinstance(error, Problem) and language == "ko":
        return KOREAN_PROBLEMS[error.sentence].format(**error.slots)
    return str(error)
