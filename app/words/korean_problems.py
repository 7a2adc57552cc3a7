"""What a person can mend, and what an evaluation found, in Korean, by the English sentence."""

KOREAN_PROBLEMS: dict[str, str] = {
    "{field} is empty: use a number.": "{field} 값이 비어 있습니다: 숫자를 입력하세요.",
    "{field}: {value!r} is not understood; write numbers with commas.": (
        "{field}: {value!r}, 알 수 없는 값입니다. 쉼표로 나눈 숫자로 쓰세요."
    ),
    "{file} is a LoRA, which is not read back here: upload UCE Studio's own format or the published one.": (
        "{file}: LoRA 파일은 여기서 다시 읽지 않습니다. UCE 스튜디오 형식이나 공개된 코드의 형식을 올리세요."
    ),
    "Enter a name: nothing that a file can be called is left of {name!r}.": (
        "이름을 입력하세요: {name!r}에는 파일 이름으로 쓸 것이 없습니다."
    ),
    "There is an edit named {name} already: choose another name.": "{name}, 이미 있는 이름입니다. 다른 이름을 쓰세요.",
    "{reviewer} has judged {done} of {count} pictures: judge the rest first, so that the results do not sway you.": (
        "{reviewer} 님은 그림 {count}장 중 {done}장을 평가했습니다: 결과에 영향받지 않도록 나머지를 먼저 평가하세요."
    ),
    "The seeds {text!r} are not understood: write whole numbers, such as 7, 8, 9.": (
        "시드 {text!r}을(를) 알 수 없습니다: 7, 8, 9처럼 정수로 쓰세요."
    ),
    "Use lam > 0, erase scale > 0 and retain scale ≥ 0 (got {lam}, {erase_scale}, {retain_scale}).": (
        "lam > 0, erase scale > 0, retain scale ≥ 0이어야 합니다(현재 {lam}, {erase_scale}, {retain_scale})."
    ),
    "The equations cannot be solved: use a larger lam, or look for NaN in the text encoder.": (
        "방정식을 풀 수 없습니다: lam을 키우거나 텍스트 인코더에 NaN이 있는지 확인하세요."
    ),
    "The text {text!r} is {excess} tokens too long ({count} of at most {limit}): shorten it.": (
        "문구 {text!r}이(가) {excess}토큰 깁니다(최대 {limit}, 현재 {count}): 줄여 주세요."
    ),
    "Unknown {name} {value!r}: use one of {known}.": "{name} {value!r}은(는) 없습니다: {known} 중에서 고르세요.",
    "There are {guides} guides for {concepts} concepts to erase: give one guide, or one for each.": (
        "지울 개념은 {concepts}개인데 가이드가 {guides}개입니다: 가이드를 하나만 쓰거나 개념마다 하나씩 쓰세요."
    ),
    "{concept!r} is to become two guides: give it one.": "{concept!r}의 가이드가 둘입니다: 하나만 쓰세요.",
    "A dense edit cannot be stacked: solve it again with the technique “replace”.": (
        "밀집 편집은 쌓을 수 없습니다: “replace” 기법으로 다시 계산하세요."
    ),
    "A dense edit edits no text: use swap or auto.": "밀집 편집은 글을 편집하지 않습니다: swap이나 auto를 쓰세요.",
    "A dense edit has no low rank: export it as published.": (
        "밀집 편집은 낮은 계수 형태가 없습니다: published로 내보내세요."
    ),
    "The size {size!r} is not understood: write erased+retained, for example 100+1000.": (
        "크기 {size!r}을(를) 알 수 없습니다: 100+1000처럼 지울 수+유지할 수로 쓰세요."
    ),
    "These edits are for different text encoders: stack edits of one model only.": (
        "서로 다른 텍스트 인코더용 편집입니다: 한 모델의 편집만 쌓으세요."
    ),
    "This edit holds {weight}, which {name} has not in that shape: load the model it was made for.": (
        "이 편집의 {weight}이(가) {name}에는 그 크기로 없습니다: 편집을 만든 모델을 불러오세요."
    ),
    "Unknown wording {wording!r}: use one of {known}, or a text with one {{}} in it.": (
        "개념 문구 {wording!r}은(는) 없습니다: {known} 중에서 고르거나 {{}}가 하나 든 문구를 쓰세요."
    ),
    "Give {field} as a list of texts (got {value!r}).": "{field}은(는) 글 목록이어야 합니다(현재 {value!r}).",
    "{field} is {value!r}: use a number.": "{field} 값이 {value!r}입니다: 숫자를 입력하세요.",
    "There is nothing to erase: name at least one artist or concept.": (
        "지울 것이 없습니다: 화가나 개념을 하나 이상 고르세요."
    ),
    "{concept!r} is in both lists: remove it from erase or from retain.": (
        "{concept!r}이(가) 두 목록에 모두 있습니다: 지우기나 유지에서 빼 주세요."
    ),
    "The guide {guide!r} is what you erase: choose another guide.": (
        "가이드 {guide!r}은(는) 지울 대상과 같습니다: 다른 가이드를 쓰세요."
    ),
    "{field} is {value}: use a number from {least} to {most:.0f}.": (
        "{field} 값이 {value}입니다: {least}에서 {most:.0f} 사이의 숫자를 쓰세요."
    ),
    "There is nothing to debias: name at least one concept and two attributes.": (
        "편향을 줄일 것이 없습니다: 개념을 하나 이상, 속성을 둘 이상 쓰세요."
    ),
    "What is debiased cannot be retained: remove it from one of the lists.": (
        "편향을 줄일 개념은 유지할 수 없습니다: 한 목록에서 빼 주세요."
    ),
    "The ratios are {ratios}: give one for each of {count} attributes, none below 0%, together 100%.": (
        "비율이 {ratios}입니다: 속성 {count}개에 하나씩, 0% 이상이고 합이 100%가 되게 쓰세요."
    ),
    "With {images} images a share is known to ±{half_width:.1%} only, and the tolerance is {tolerance:.1%}: "
    "use more than {enough} images, or a larger tolerance.": (
        "그림 {images}장으로는 비율을 ±{half_width:.1%}까지만 알 수 있는데 허용 오차가 {tolerance:.1%}입니다: "
        "그림을 {enough}장보다 많이 쓰거나 허용 오차를 늘리세요."
    ),
    "The strength is {strength}: use a number such as 1.": "강도가 {strength}입니다: 1과 같은 숫자를 쓰세요.",
    "There is no edit file {path}: check the path.": "편집 파일 {path}이(가) 없습니다: 경로를 확인하세요.",
    "{file} is damaged or not a safetensors file: save the edit again.": (
        "{file}이(가) 손상되었거나 safetensors 파일이 아닙니다: 편집을 다시 저장하세요."
    ),
    "{file} is not an edit file of this program: choose another file.": (
        "{file}은(는) 이 프로그램의 편집 파일이 아닙니다: 다른 파일을 고르세요."
    ),
    "{file} does not say what it edits: save the edit again.": (
        "{file}에 무엇을 편집하는지 적혀 있지 않습니다: 편집을 다시 저장하세요."
    ),
    "{file} holds matrices of wrong shapes or types: save the edit again.": (
        "{file}에 든 행렬의 크기나 자료형이 잘못되었습니다: 편집을 다시 저장하세요."
    ),
    "{name} does not say what it erases: use it with python -m uce_core compare.": (
        "{name}에 무엇을 지우는지 적혀 있지 않습니다: python -m uce_core compare로 쓰세요."
    ),
    "{file} holds NaN or infinite numbers: solve the edit again.": (
        "{file}에 NaN이나 무한대가 들어 있습니다: 편집을 다시 계산하세요."
    ),
    "The prompt is empty: write what to draw.": "프롬프트가 비어 있습니다: 무엇을 그릴지 쓰세요.",
    "steps is {steps}: use a whole number from 1 to {most}.": (
        "스텝 수가 {steps}입니다: 1에서 {most} 사이의 정수를 쓰세요."
    ),
    "The guidance scale is {value}: use a number from 0 to 50.": (
        "가이던스 스케일이 {value}입니다: 0에서 50 사이의 숫자를 쓰세요."
    ),
    "The seed is {seed}: use a whole number from 0 to 9223372036854775807.": (
        "시드가 {seed}입니다: 0에서 9223372036854775807 사이의 정수를 쓰세요."
    ),
    "{name} does not read its text through cross-attention layers (attn2): "
    "choose a Stable Diffusion 1.x, 2.x or XL model.": (
        "{name}은(는) 크로스 어텐션(attn2)으로 문구를 읽지 않습니다: Stable Diffusion 1.x, 2.x나 XL 모델을 고르세요."
    ),
    "There is no device {device!r} here: use auto, {available}.": (
        "여기에는 {device!r} 장치가 없습니다: auto, {available} 중에서 고르세요."
    ),
    "Atelier's weights are missing: run python -m atelier train, or get the repository again.": (
        "아틀리에의 가중치가 없습니다: python -m atelier train을 실행하거나 저장소를 다시 받으세요."
    ),
    "{name} is not a safetensors file, and nothing else is read: convert it first.": (
        "{name}은(는) safetensors 파일이 아니며 다른 형식은 읽지 않습니다: 먼저 변환하세요."
    ),
    "There is no model {name!r}: give atelier, a diffusers folder, a .safetensors file, or a hub id such as "
    "CompVis/stable-diffusion-v1-4.": (
        "모델 {name!r}이(가) 없습니다: atelier, diffusers 폴더, .safetensors 파일, 또는 "
        "CompVis/stable-diffusion-v1-4 같은 허브 이름을 쓰세요."
    ),
    "{name} holds no whole Stable Diffusion model with safetensors (a single file also needs its family's "
    "configuration from the hub, once): check it.": (
        "{name}에 safetensors로 된 온전한 Stable Diffusion 모델이 없습니다(단일 파일은 해당 계열의 설정을 허브에서 "
        "한 번 받아야 합니다): 확인하세요."
    ),
    "The model {name} is gated: accept its terms on its page of the hub and log in with an access token.": (
        "모델 {name}은(는) 접근이 제한되어 있습니다: 허브 페이지에서 약관에 동의하고 액세스 토큰으로 로그인하세요."
    ),
    "There is no model {name} on the hub: check its name.": ("허브에 모델 {name}이(가) 없습니다: 이름을 확인하세요."),
    "{name} is on the hub, but not in diffusers' layout: choose another model.": (
        "{name}은(는) 허브에 있지만 diffusers 형식이 아닙니다: 다른 모델을 고르세요."
    ),
    "The model {name} is not on this machine and the hub cannot be reached: check its name and the network "
    "connection.": ("모델 {name}이(가) 이 컴퓨터에 없고 허브에 연결할 수 없습니다: 이름과 네트워크 연결을 확인하세요."),
    "The model {name} could not be downloaded: {reason}.": ("모델 {name}을(를) 내려받지 못했습니다: {reason}."),
    "The projections of {name} are fused: call unfuse_qkv_projections() first.": (
        "{name}의 투영이 합쳐져 있습니다: 먼저 unfuse_qkv_projections()를 호출하세요."
    ),
    "{name} has a LoRA or another adapter loaded: unload it first.": (
        "{name}에 LoRA나 다른 어댑터가 올라와 있습니다: 먼저 내리세요."
    ),
    "{name} is under sequential offload: load it without, or with model offload.": (
        "{name}이(가) 순차 오프로드 상태입니다: 오프로드 없이, 또는 모델 오프로드로 불러오세요."
    ),
    "The picture does not fit into the memory of {device}: use --offload, half precision "
    "(--dtype fp16), a smaller model or --device cpu.": (
        "그림이 {device} 메모리에 들어가지 않습니다: "
        "--offload, 반정밀도(--dtype fp16), 더 작은 모델 또는 --device cpu를 쓰세요."
    ),
    "{file} does not say whom it erases: name the artists with --artist.": (
        "{file}에 누구를 지웠는지 적혀 있지 않습니다: --artist로 화가를 적으세요."
    ),
    "The model {name!r} is not offered here: choose one from the list.": (
        "여기서는 모델 {name!r}을(를) 쓸 수 없습니다: 목록에서 고르세요."
    ),
    "Offload moves a model's parts to a GPU when they work, and none is used here: leave it away.": (
        "오프로드는 모델의 각 부분을 쓸 때만 GPU로 옮기는 기능인데, 지금은 GPU를 쓰지 않습니다: 빼고 실행하세요."
    ),
    "The plot {path} cannot be drawn: name a .png, .svg or .pdf file in a folder that exists.": (
        "그래프 {path}을(를) 그릴 수 없습니다: 있는 폴더의 .png, .svg, .pdf 파일 이름을 쓰세요."
    ),
    "This edit was made for another text encoder than that of {name}: solve it again for this model.": (
        "이 편집은 {name}과(와) 다른 텍스트 인코더용입니다: 이 모델에서 다시 계산하세요."
    ),
    "The scorer's weights {file} are missing: get the model's folder again.": (
        "채점 모델의 가중치 {file}이(가) 없습니다: 모델 폴더를 다시 받으세요."
    ),
    "The published scorers (CLIP ViT-B/32, LPIPS) could not be downloaded: check the network connection.": (
        "공개 채점 모델(CLIP ViT-B/32, LPIPS)을 내려받지 못했습니다: 네트워크 연결을 확인하세요."
    ),
    "There are a thousand edits named {name}: choose another name.": (
        "{name}(이)라는 편집이 천 개나 있습니다: 다른 이름을 쓰세요."
    ),
    "There is no saved edit named {name!r}: choose one from the list.": (
        "{name!r}(이)라는 저장한 편집이 없습니다: 목록에서 고르세요."
    ),
    "{pictures} pictures of a name have no interval: use at least 2.": (
        "이름마다 {pictures}장으로는 구간을 알 수 없습니다: 2장 이상으로 하세요."
    ),
    "Case {number} has a facet but no artist: fill in both, or neither.": (
        "{number}번 항목에 면(facet)은 있고 화가가 없습니다: 둘 다 채우거나 둘 다 비우세요."
    ),
    "Case {number} is of an unknown facet {facet!r}: use one of {known}.": (
        "{number}번 항목의 면(facet) {facet!r}은(는) 없습니다: {known} 중에서 고르세요."
    ),
    "{path} is no prompt file of up to 50 MB: check the path.": (
        "{path}은(는) 50MB 이하의 프롬프트 파일이 아닙니다: 경로를 확인하세요."
    ),
    "{path} is not a CSV file in UTF-8: save it as such.": (
        "{path}은(는) UTF-8 CSV 파일이 아닙니다: UTF-8 CSV로 저장하세요."
    ),
    "{path} lacks {what}: a prompt file has the columns {columns} and at least one row.": (
        "{path}에 {what}이(가) 없습니다: 프롬프트 파일에는 {columns} 열과 한 줄 이상이 있어야 합니다."
    ),
    "{path} has case_number {number} twice: number the cases apart.": (
        "{path}에 case_number {number}이(가) 두 번 있습니다: 번호를 서로 다르게 하세요."
    ),
    "{path}, line {line}: {reason}": "{path} {line}번째 줄: {reason}",
    "This model's catalogue is too small for {name}: name artists yourself.": (
        "이 모델의 화가 목록은 {name}에 모자랍니다: 화가를 직접 지정하세요."
    ),
    "Two edits are called {name}: give their files different names.": (
        "편집 두 개의 이름이 {name}입니다: 파일 이름을 다르게 하세요."
    ),
    "{path} is damaged: choose another folder.": "{path}이(가) 손상되었습니다: 다른 폴더를 고르세요.",
    "{folder} holds another evaluation ({what} differs): choose another folder.": (
        "{folder}에는 다른 평가가 있습니다({what}이(가) 다름): 다른 폴더를 고르세요."
    ),
    "The database of runs cannot be opened: {reason}.": "실행 기록 데이터베이스를 열 수 없습니다: {reason}.",
    "{file} does not hold CSD's weights: convert them as docs/measures.md says.": (
        "{file}은(는) CSD 가중치가 아닙니다: docs/measures.md대로 변환하세요."
    ),
    "{name} cannot be brought back: it is gone, or another edit has its name.": (
        "{name}을(를) 되돌릴 수 없습니다: 사라졌거나 같은 이름의 편집이 있습니다."
    ),
    "Edits are renamed and deleted on the computer that serves this page: ask who runs it.": (
        "편집의 이름 변경과 삭제는 이 페이지를 띄운 컴퓨터에서만 합니다: 운영자에게 물어보세요."
    ),
    "{path} is not a file of passwords: make it with python -m app.passwords.": (
        "{path}은(는) 비밀번호 파일이 아닙니다: python -m app.passwords로 만드세요."
    ),
    "The name {name!r} or the password is empty, or the name has a colon: use others.": (
        "이름 {name!r}이나 비밀번호가 비었거나 이름에 쌍점이 있습니다: 다른 것을 쓰세요."
    ),
    "An edit cannot be evaluated under the name {name!r}: rename its file.": (
        "{name!r}(이)라는 이름으로는 편집을 평가할 수 없습니다: 파일 이름을 바꾸세요."
    ),
    "{name} does not say whom it erases: choose the artist to look for.": (
        "{name}에는 누구를 지우는지 적혀 있지 않습니다: 찾아볼 화가를 고르세요."
    ),
    "There is no run {run!r}: it may have been deleted, or aged out.": (
        "실행 {run!r}이(가) 없습니다: 지웠거나 오래되어 사라졌을 수 있습니다."
    ),
    "{file} is not a picture that this program made: choose another one.": (
        "{file}은(는) 이 프로그램이 만든 그림이 아닙니다: 다른 그림을 고르세요."
    ),
    "The edit of run {run} does not say what it erases: save it, and use it from Edits.": (
        "실행 {run}의 편집은 무엇을 지우는지 밝히지 않습니다: 저장한 뒤 편집 탭에서 쓰세요."
    ),
    "The settings of run {run} are of another version of this program.": (
        "실행 {run}의 설정은 이 프로그램의 다른 버전 것입니다."
    ),
    "Run {run} has no edit: it cannot be used or replayed.": (
        "실행 {run}에는 편집이 없습니다: 쓰거나 다시 그릴 수 없습니다."
    ),
    "Run {run} does not say how its pictures were drawn: it cannot be replayed.": (
        "실행 {run}에는 그림을 어떻게 그렸는지 적혀 있지 않습니다: 다시 그릴 수 없습니다."
    ),
    "The root path {path} is none: use a path such as /studio, or a whole address.": (
        "루트 경로 {path}은(는) 쓸 수 없습니다: /studio 같은 경로나 전체 주소를 쓰세요."
    ),
    "Two models are called {name}: rename one of the files or folders.": (
        "모델 두 개의 이름이 {name}입니다: 파일이나 폴더 하나의 이름을 바꾸세요."
    ),
    "These are {count} concepts to erase and retain, and at most {most} are taken here: name fewer.": (
        "지우고 유지할 개념이 {count}개인데 여기서는 {most}개까지만 받습니다: 수를 줄이세요."
    ),
    "This would draw up to {count} pictures, and at most {most} are drawn at a time here: ask for fewer.": (
        "그림을 최대 {count}장 그리게 되는데 여기서는 한 번에 {most}장까지만 그립니다: 수를 줄이세요."
    ),
    "{most} requests are waiting already, and no more are taken here: try again in a minute.": (
        "이미 요청 {most}개가 기다리고 있어 더 받지 않습니다: 잠시 뒤 다시 시도하세요."
    ),
    "{file} is larger than 2 GB unpacked: it is not taken.": "{file}은(는) 풀면 2GB가 넘습니다: 받지 않습니다.",
    "{file} is not an exported run of this program: choose another file.": (
        "{file}은(는) 이 프로그램이 내보낸 실행이 아닙니다: 다른 파일을 고르세요."
    ),
    "Enter the reviewer's name, of at most {most} characters.": "평가자 이름을 {most}자 이내로 입력하세요.",
    "{name} is rated {value!r}: use a whole number from 0 to {most}.": (
        "{name} 평점이 {value!r}입니다: 0에서 {most} 사이의 정수를 쓰세요."
    ),
    "The comment has {count} characters: shorten it to {most}.": (
        "의견이 {count}자입니다: {most}자 이내로 줄여 주세요."
    ),
    "Run {run} cannot be reviewed: it has no pictures that say what was asked.": (
        "실행 {run}은(는) 평가할 수 없습니다: 무엇을 요구했는지 적힌 그림이 없습니다."
    ),
    "There is no picture {item} in run {run}.": "실행 {run}에 그림 {item}이(가) 없습니다.",
    "{path} is no .csv and no .json: choose another name.": (
        "{path}은(는) .csv도 .json도 아닙니다: 다른 이름을 쓰세요."
    ),
    "There is no set to review: pin a run first.": "평가할 묶음이 없습니다: 먼저 실행을 고정하세요.",
    "Pictures of run {run} are gone: choose another set.": ("실행 {run}의 그림이 없어졌습니다: 다른 묶음을 고르세요."),
    "Run {run} is not pinned: only pinned runs are reviewed here.": (
        "실행 {run}은(는) 고정되어 있지 않습니다: 여기서는 고정한 실행만 평가합니다."
    ),
    "There is no seed: write a whole number, or several with commas.": (
        "시드가 없습니다: 정수를 하나, 또는 쉼표로 여럿 쓰세요."
    ),
    "Files of run {run} are gone: it cannot be exported.": "실행 {run}의 파일이 없어졌습니다: 내보낼 수 없습니다.",
    "{file} is of a debiasing: open its run in Runs, and make that yours.": (
        "{file}은(는) 편향 완화의 그림입니다: 실행 기록에서 그 실행을 열어 내 것으로 쓰세요."
    ),
    "The runs could not be changed: ask whoever runs this app to look at its log.": (
        "실행 기록을 바꾸지 못했습니다: 이 앱을 운영하는 사람에게 로그를 보아 달라고 하세요."
    ),
    "The edit could not be saved: ask whoever runs this app to look at its log.": (
        "편집을 저장하지 못했습니다: 이 앱을 운영하는 사람에게 로그를 보아 달라고 하세요."
    ),
    "Something is not rated yet: answer every question, then save.": (
        "아직 답하지 않은 질문이 있습니다: 모두 답한 뒤 저장하세요."
    ),
}

KOREAN_FINDINGS: dict[str, str] = {
    "Asked for by style, the erased are seen in {change} of the pictures.": (
        "화풍으로 청했을 때 지운 화가가 보이는 그림: {change}."
    ),
    "Asked for without the name, the erased are seen in {change} of the pictures.": (
        "이름 없이 청했을 때 지운 화가가 보이는 그림: {change}."
    ),
    "Retained artists are seen in {change} of theirs.": "유지한 화가가 자기 그림에 보임: {change}.",
    "Other artists of a near style are seen in {change} of theirs.": "화풍이 가까운 화가가 자기 그림에 보임: {change}.",
    "Other artists of a far style are seen in {change} of theirs.": "화풍이 먼 화가가 자기 그림에 보임: {change}.",
    "Other artists are seen in {change} of theirs.": "다른 화가가 자기 그림에 보임: {change}.",
    "Subjects asked for without an artist are seen in {change}.": "화가 없이 청한 소재가 보임: {change}.",
    "Of the CLIP score's drop on the bare name “{artist}”, {share} is identity.": (
        "이름만 쓴 “{artist}”의 CLIP 점수 하락 중 {share}가 인물의 몫입니다."
    ),
}
