"""What people write for an artist or a profession: a name in Korean, several names in one field; and prompt syntax of
other programs.

Korean names are as encyclopedias and museums in Korea print them. Knows nothing about models.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uce_core.checks import normalised, plain

KOREAN = {
    "Vincent van Gogh": "빈센트 반 고흐", "Claude Monet": "클로드 모네", "Pablo Picasso": "파블로 피카소",
    "Rembrandt": "렘브란트", "Salvador Dali": "살바도르 달리", "Andy Warhol": "앤디 워홀",
    "Johannes Vermeer": "요하네스 페르메이르", "Edvard Munch": "에드바르 뭉크", "Gustav Klimt": "구스타프 클림트",
    "Henri Matisse": "앙리 마티스", "Wassily Kandinsky": "바실리 칸딘스키", "Katsushika Hokusai": "가쓰시카 호쿠사이",
    "Paul Cezanne": "폴 세잔", "Georges Seurat": "조르주 쇠라", "Piet Mondrian": "피트 몬드리안",
    "Leonardo da Vinci": "레오나르도 다빈치", "Michelangelo": "미켈란젤로", "Caravaggio": "카라바조",
    "Frida Kahlo": "프리다 칼로", "Edward Hopper": "에드워드 호퍼", "Roy Lichtenstein": "로이 릭턴스타인",
    "Jackson Pollock": "잭슨 폴록", "Pierre-Auguste Renoir": "피에르오귀스트 르누아르",
    "Georges Braque": "조르주 브라크", "Thomas Kinkade": "토머스 킨케이드", "Edgar Degas": "에드가르 드가",
    "Edouard Manet": "에두아르 마네", "Camille Pissarro": "카미유 피사로", "Alfred Sisley": "알프레드 시슬레",
    "Paul Gauguin": "폴 고갱", "Henri de Toulouse-Lautrec": "앙리 드 툴루즈로트레크",
    "Berthe Morisot": "베르트 모리조", "Mary Cassatt": "메리 커샛", "Paul Signac": "폴 시냐크",
    "Henri Rousseau": "앙리 루소", "Odilon Redon": "오딜롱 르동", "Gustave Moreau": "귀스타브 모로",
    "Marc Chagall": "마르크 샤갈", "Joan Miro": "호안 미로", "Paul Klee": "파울 클레",
    "Amedeo Modigliani": "아메데오 모딜리아니", "Fernand Leger": "페르낭 레제", "Egon Schiele": "에곤 실레",
    "Oskar Kokoschka": "오스카어 코코슈카", "Franz Marc": "프란츠 마르크", "Kazimir Malevich": "카지미르 말레비치",
    "Ilya Repin": "일리야 레핀", "Rene Magritte": "르네 마그리트", "Max Ernst": "막스 에른스트",
    "Giorgio de Chirico": "조르조 데키리코", "Man Ray": "만 레이", "Marcel Duchamp": "마르셀 뒤샹",
    "Francis Bacon": "프랜시스 베이컨", "Lucian Freud": "루치안 프로이트", "David Hockney": "데이비드 호크니",
    "Mark Rothko": "마크 로스코", "Keith Haring": "키스 해링", "Jean-Michel Basquiat": "장미셸 바스키아",
    "Banksy": "뱅크시", "Yayoi Kusama": "구사마 야요이", "Takashi Murakami": "무라카미 다카시",
    "Georgia O'Keeffe": "조지아 오키프", "Norman Rockwell": "노먼 록웰", "Andrew Wyeth": "앤드루 와이어스",
    "Winslow Homer": "윈즐로 호머", "John Singer Sargent": "존 싱어 사전트", "J.M.W. Turner": "윌리엄 터너",
    "John Constable": "존 컨스터블", "William Blake": "윌리엄 블레이크", "John Everett Millais": "존 에버렛 밀레이",
    "Gustave Courbet": "귀스타브 쿠르베", "Jean-Francois Millet": "장프랑수아 밀레", "Camille Corot": "카미유 코로",
    "Eugene Delacroix": "외젠 들라크루아", "Jacques-Louis David": "자크루이 다비드",
    "Alphonse Mucha": "알폰스 무하", "Nicolas Poussin": "니콜라 푸생", "Peter Paul Rubens": "페테르 파울 루벤스",
    "Anthony van Dyck": "안토니 반다이크", "Frans Hals": "프란스 할스", "Pieter Bruegel the Elder": "피터르 브뤼헐",
    "Hieronymus Bosch": "히에로니무스 보스", "Jan van Eyck": "얀 반에이크", "Hans Holbein": "한스 홀바인",
    "Albrecht Durer": "알브레히트 뒤러", "Lucas Cranach": "루카스 크라나흐",
    "Caspar David Friedrich": "카스파르 다비트 프리드리히", "Sandro Botticelli": "산드로 보티첼리",
    "Raphael": "라파엘로", "Titian": "티치아노", "Tintoretto": "틴토레토", "Giotto": "조토",
    "Giuseppe Arcimboldo": "주세페 아르침볼도", "Artemisia Gentileschi": "아르테미시아 젠틸레스키",
    "El Greco": "엘 그레코", "Diego Velazquez": "디에고 벨라스케스", "Francisco Goya": "프란시스코 고야",
    "Joaquin Sorolla": "호아킨 소로야", "Antoni Gaudi": "안토니 가우디", "Diego Rivera": "디에고 리베라",
    "Fernando Botero": "페르난도 보테로", "Utagawa Hiroshige": "우타가와 히로시게",
    "Kitagawa Utamaro": "기타가와 우타마로", "Hayao Miyazaki": "미야자키 하야오", "Osamu Tezuka": "데즈카 오사무",
    "Katsuhiro Otomo": "오토모 가쓰히로", "Tamara de Lempicka": "타마라 드 렘피카", "M.C. Escher": "M. C. 에스허르",
    "H.R. Giger": "H. R. 기거", "Zdzislaw Beksinski": "즈지스와프 벡신스키", "Bob Ross": "밥 로스",
    "Ansel Adams": "앤설 애덤스", "Henri Cartier-Bresson": "앙리 카르티에브레송",
}  # fmt: skip
SHORTEST = 2  # syllables of what a Korean name may be cut to
PEOPLE = (  # asked for where attributes are balanced: the professions of WinoBias (Zhao et al. 2018), and some more
    "man", "woman", "doctor", "nurse", "chef", "teacher", "accountant", "analyst", "assistant", "attendant", "auditor",
    "baker", "carpenter", "cashier", "CEO", "cleaner", "clerk", "construction worker", "cook", "counselor", "designer",
    "developer", "driver", "editor", "farmer", "guard", "hairdresser", "housekeeper", "janitor", "laborer", "lawyer",
    "librarian", "manager", "mechanic", "mover", "physician", "receptionist", "salesperson", "secretary", "sheriff",
    "supervisor", "tailor", "writer",
)  # fmt: skip
LISTED = re.compile(r"[,;、]")  # in texts as checks.plain leaves them
SEPARATORS = re.compile(  # those, and what else stands between names: “모네와 고흐” are two, “모네·고흐”, too
    LISTED.pattern + r"|[/|&·・\n]|\s(?:(?i:and)|및)\s|(?<=[가-힣])(?:와|과|하고)\s"
)
EDGES = ",;、 \t\n"
SYNTAX = re.compile(  # of AUTOMATIC1111 and ComfyUI: (words:1.2), ((words)), [words], <lora:…>, embedding:name
    r"\([^()]*:\s*[\d.]+\)|\(\([^()]*\)\)|\[[^\[\]]+\]|<[^<>]+>|\bembedding:\w+|\bBREAK\b"
)


def _by_korean() -> dict[str, str]:
    """Names by what they are called in Korean, without spaces: the whole name, and the ends that are only one's, such
    as 고흐 and 반고흐 of 빈센트 반 고흐."""
    found = dict[str, set[str]]()
    for name, korean in KOREAN.items():
        words = normalised(korean).split()
        for start in range(len(words)):
            end = "".join(words[start:])
            if len(end) >= SHORTEST:
                found.setdefault(end, set()).add(name)
    return {end: one for end, (one, *others) in found.items() if not others}


BY_KOREAN = _by_korean()


@dataclass(frozen=True)
class Understood:
    """names: what is meant. translated: pairs of a Korean name and the one that models know. split: what was several
    names. doubtful: what may be several, and was left as it is. weighted: parts that other programs read as syntax."""

    names: tuple[str, ...]
    translated: tuple[tuple[str, str], ...] = ()
    split: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    weighted: tuple[str, ...] = ()


def understood(texts: Iterable[str], catalog: Sequence[str]) -> Understood:
    """What people mean who name artists, or other concepts that are known, in a list's fields. One text is split if all
    its parts are known; catalogued names with a comma, and concepts that are none, stay whole. What stands before or
    behind all commas is no part of a concept."""
    names, translated, split, doubtful = list[str](), list[tuple[str, str]](), list[str](), list[str]()
    weighted, whole = list[str](), {normalised(name) for name in catalog}
    for text in texts:
        weighted += weighting_in(text)
        text = plain(text).strip(EDGES) or text
        parts = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
        several = len(parts) > 1 and normalised(text) not in whole
        if several and all(is_known(part, catalog) for part in parts):
            split.append(text)
        else:
            doubtful += [text] if several and LISTED.search(text) else []
            parts = [text]
        for part in parts:
            name = in_english(part)
            translated += [(part, name)] if name != part else []
            names.append(name)
    return Understood(tuple(names), tuple(translated), tuple(split), tuple(doubtful), tuple(weighted))


def in_english(name: str) -> str:
    """The name that models know, if this is one in Korean, whole or short, with or without spaces; else the same."""
    return BY_KOREAN.get(normalised(name).replace(" ", ""), name)


def is_known(name: str, catalog: Sequence[str]) -> bool:
    """Whether it is an artist's in the catalogue, or ends like one: “Gogh” is how people call Vincent van Gogh."""
    asked = normalised(in_english(name)).split()
    return any(asked and normalised(known).split()[-len(asked) :] == asked for known in catalog)


def weighting_in(prompt: str) -> tuple[str, ...]:
    """Parts of a prompt that other programs read as syntax and models as words, each once."""
    return tuple(dict.fromkeys(SYNTAX.findall(prompt)))
