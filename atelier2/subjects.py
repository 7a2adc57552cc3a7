"""What Atelier's pictures show: each subject's words, its emoji, and where it is at home.

A table to read and to extend; knows nothing of painting.
"""

from dataclasses import dataclass

LAND, SEA, ROOM, SKY, DEEP = "land", "sea", "room", "sky", "deep"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """words: what people call it, the name first. emoji: drawings of it; of people, of a man. women: of a woman.
    home: where it is seen when no place is named. size: of the picture's side. colours: whether it comes in any
    colour. share: of women among those painted, if the subject is a profession."""

    name: str
    words: tuple[str, ...]
    emoji: tuple[str, ...]
    women: tuple[str, ...] = ()
    home: str = LAND
    size: float = 0.62
    colours: bool = False
    share: float = 0.0

    @property
    def human(self) -> bool:
        return bool(self.women) or self.name in MEN

    @property
    def profession(self) -> bool:
        return 0 < self.share < 1


MEN = ("man", "boy", "old man", "king", "ninja", "wizard")


def _each(home: str, size: float, colours: bool, table: str) -> tuple[Subject, ...]:
    """Lines of `name, other words: emoji, other emoji`."""
    found = []
    for line in table.strip().splitlines():
        words, emoji = (tuple(part.strip() for part in half.split(",")) for half in line.split(":"))
        found.append(Subject(name=words[0], words=words, emoji=emoji, home=home, size=size, colours=colours))
    return tuple(found)


ANIMALS = _each(LAND, 0.62, False, """
    cat, kitten: cat, black-cat
    dog, puppy: dog, poodle
    horse, pony: horse
    cow: cow
    pig: pig
    sheep, lamb: ewe
    goat: goat
    rabbit, bunny: rabbit
    fox: fox
    wolf: wolf
    bear: bear
    lion: lion
    tiger: tiger
    elephant: elephant
    giraffe: giraffe
    zebra: zebra
    monkey: monkey
    deer, stag: deer
    squirrel, chipmunk: chipmunk
    mouse: mouse
    hedgehog: hedgehog
    camel: camel
    kangaroo: kangaroo
    panda: panda
    koala: koala
    owl: owl
    eagle: eagle
    parrot: parrot
    bird, songbird: bird
    duck: duck
    swan: swan
    rooster, cock: rooster
    chick, baby chicken: baby-chick
    penguin: penguin
    flamingo: flamingo
    peacock: peacock
    frog: frog
    turtle, tortoise: turtle
    snake: snake
    crocodile, alligator: crocodile
    snail: snail
    butterfly: butterfly
    bee, honeybee: honeybee
    ladybug, ladybird: lady-beetle
    spider: spider
    dragon: dragon
    unicorn: unicorn
    dinosaur, t-rex: t-rex
""")  # fmt: skip
SEA_ANIMALS = _each(DEEP, 0.60, False, """
    fish, tropical fish: tropical-fish, fish
    shark: shark
    whale: spouting-whale
    dolphin: dolphin
    octopus: octopus
    crab: crab
    lobster: lobster
    jellyfish: jellyfish
""")  # fmt: skip
PLANTS = _each(LAND, 0.66, False, """
    tree, old tree: deciduous-tree
    pine tree, fir tree: evergreen-tree
    palm tree: palm-tree
    cactus: cactus
    sunflower: sunflower
    mushroom, toadstool: mushroom
""")  # fmt: skip
FLOWERS = _each(ROOM, 0.60, True, """
    rose: rose
    tulip: tulip
    flower, blossom: hibiscus
""")  # fmt: skip
FOOD = _each(ROOM, 0.52, False, """
    banana, bananas: banana
    pear: pear
    orange, tangerine: tangerine
    lemon: lemon
    strawberry: strawberry
    cherries, cherry: cherries
    grapes: grapes
    watermelon: watermelon
    pineapple: pineapple
    peach: peach
    tomato: tomato
    carrot: carrot
    corn, ear of corn: ear-of-corn
    bread, loaf of bread: bread
    cheese: cheese-wedge
    egg: egg
    ice cream: soft-ice-cream
    doughnut, donut: doughnut
    pizza, slice of pizza: pizza
    hamburger, burger: hamburger
    croissant: croissant
""")  # fmt: skip
SWEETS = _each(ROOM, 0.54, True, """
    apple: red-apple
    cake, birthday cake: shortcake, birthday-cake
    cupcake: cupcake
""")  # fmt: skip
VEHICLES = _each(LAND, 0.66, True, """
    car, automobile: automobile, sport-utility-vehicle
    bus: bus
    truck, lorry: delivery-truck
    train, locomotive: locomotive
    tractor: tractor
    bicycle, bike: bicycle
    motorcycle, motorbike: motorcycle
    scooter: motor-scooter
""")  # fmt: skip
PLAIN_VEHICLES = _each(LAND, 0.66, False, """
    taxi, cab: taxi
    police car: police-car
    fire engine, fire truck: fire-engine
    ambulance: ambulance
""")  # fmt: skip
AIRBORNE = _each(SKY, 0.60, True, """
    airplane, plane: small-airplane, airplane
    helicopter: helicopter
    rocket, spaceship: rocket
    balloon: balloon
    kite: kite
    parachute: parachute
""")  # fmt: skip
BOATS = _each(SEA, 0.60, True, """
    boat, sailboat: sailboat
    ship, passenger ship: ship, passenger-ship
    canoe: canoe
""")  # fmt: skip
BUILDINGS = _each(LAND, 0.70, False, """
    castle: castle
    church: church
    factory: factory
    hut, cabin: hut
    school: school
    hospital: hospital
    temple, shrine: shinto-shrine
    fountain: fountain
    ferris wheel: ferris-wheel
    tower: tokyo-tower
    volcano: volcano
    mountain: snow-capped-mountain, mountain
    statue: moai
""")  # fmt: skip
PAINTED_BUILDINGS = _each(LAND, 0.68, True, """
    house, cottage: house, house-with-garden
    tent: tent
""")  # fmt: skip
INSTRUMENTS = _each(ROOM, 0.60, True, """
    guitar: guitar
    violin, fiddle: violin
    drum: drum
    accordion: accordion
""")  # fmt: skip
BRASS = _each(ROOM, 0.58, False, """
    trumpet: trumpet
    saxophone: saxophone
    piano, keyboard: musical-keyboard
""")  # fmt: skip
THINGS = _each(ROOM, 0.54, True, """
    umbrella: umbrella, closed-umbrella
    book: closed-book, green-book
    teapot: teapot
    cup, cup of coffee: hot-beverage
    chair: chair
    clock, alarm clock: alarm-clock
    telephone, phone: telephone
    gift, present: wrapped-gift
    suitcase: luggage
    backpack: backpack
    candle: candle
    sofa, couch: couch-and-lamp
    heart: red-heart
""")  # fmt: skip
TOOLS = _each(ROOM, 0.54, False, """
    hammer: hammer
    axe: axe
    saw: carpentry-saw
    key: old-key
    scissors: scissors
    sword: dagger
    bell: bell
    anchor: anchor
    camera: camera
    television, tv: television
    laptop, computer: laptop
    lamp, lantern: red-paper-lantern
    vase, amphora: amphora
    bottle, bottle of wine: bottle-with-popping-cork
    teddy bear: teddy-bear
    ball, football: soccer-ball
    crown: crown
    telescope: telescope
    globe: globe-showing-europe-africa
    mirror: mirror
    door: door
    basket: basket
""")  # fmt: skip
CLOTHES = _each(ROOM, 0.56, True, """
    dress: dress
    shirt, t-shirt: t-shirt
    coat: coat
    hat, top hat: womans-hat
    shoe, sneaker: running-shoe
    boot, boots: womans-boot, hiking-boot
    scarf: scarf
    gloves: gloves
    handbag, bag: handbag
""")  # fmt: skip
SPOOKS = _each(ROOM, 0.58, False, """
    skull: skull
    ghost: ghost
""")  # fmt: skip


def _people(table: str) -> tuple[Subject, ...]:
    """Lines of `name, other words: man's emoji: woman's emoji: share of women`; "-" where there is none."""
    found = []
    for line in table.strip().splitlines():
        words, men, women, share = (half.strip() for half in line.split(":"))
        names = tuple(word.strip() for word in words.split(","))
        found.append(
            Subject(
                name=names[0], words=names, home=ROOM, size=0.80, share=float(share),
                emoji=() if men == "-" else tuple(one.strip() for one in men.split(",")),
                women=() if women == "-" else tuple(one.strip() for one in women.split(",")),
            )
        )  # fmt: skip
    return tuple(found)


PEOPLE = _people("""
    man, gentleman: man, man-curly-hair, man-beard: -: 0
    woman, lady: -: woman, woman-curly-hair, woman-blonde-hair: 1
    boy: boy: -: 0
    girl: -: girl: 1
    old man, grandfather: old-man: -: 0
    old woman, grandmother: -: old-woman: 1
    king: person-with-crown: -: 0
    queen: -: princess: 1
    ninja: ninja: -: 0
    wizard: man-mage: -: 0
""")
PROFESSIONS = _people("""
    doctor, medical doctor: man-health-worker: woman-health-worker: 0.15
    nurse, hospital nurse: man-health-worker: woman-health-worker: 0.9
    chef, cook: man-cook: woman-cook: 0.2
    teacher, school teacher: man-teacher: woman-teacher: 0.8
    farmer: man-farmer: woman-farmer: 0.3
    firefighter: man-firefighter: woman-firefighter: 0.1
    pilot: man-pilot: woman-pilot: 0.1
    police officer: man-police-officer: woman-police-officer: 0.25
    astronaut: man-astronaut: woman-astronaut: 0.3
    artist, painter: man-artist: woman-artist: 0.5
    judge: man-judge: woman-judge: 0.35
    scientist: man-scientist: woman-scientist: 0.3
    mechanic: man-mechanic: woman-mechanic: 0.1
    builder, construction worker: man-construction-worker: woman-construction-worker: 0.05
    student: man-student: woman-student: 0.6
    singer: man-singer: woman-singer: 0.6
    detective: man-detective: woman-detective: 0.2
    soldier, guard: man-guard: woman-guard: 0.1
""")  # shares on purpose not 0.5: something to debias

SUBJECTS: tuple[Subject, ...] = (
    *ANIMALS, *SEA_ANIMALS, *PLANTS, *FLOWERS, *FOOD, *SWEETS, *VEHICLES, *PLAIN_VEHICLES, *AIRBORNE, *BOATS,
    *BUILDINGS, *PAINTED_BUILDINGS, *INSTRUMENTS, *BRASS, *THINGS, *TOOLS, *CLOTHES, *PEOPLE, *PROFESSIONS, *SPOOKS,
)  # fmt: skip
BY_NAME: dict[str, Subject] = {subject.name: subject for subject in SUBJECTS}
