"""Words, and the phrases and names that are composed of them by number."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    """amber ancient arctic autumn azure basil bitter blazing bold brave breezy bright broken bronze calm
    candid carved cedar chilly classic clever cloudy cobalt copper coral cosmic cozy crimson crisp crooked
    crystal curious daring dappled deep desert distant dusty eager early eastern electric elegant emerald
    endless faded fearless feral festive fiery floating foggy forgotten fragrant frosty frozen gentle giant
    gilded glassy gleaming golden graceful granite grand hazel hidden hollow honest humble hungry icy idle
    indigo iron ivory jade jolly keen lavender lazy lemon lively lonely lucky lunar magic maple marble mellow
    merry midnight minty misty modern mossy muddy mystic narrow nimble noble northern olive opal painted pale
    paper pearl peppery plum polar proud quiet rapid restless rocky rosy royal ruby rugged rustic sacred
    salty sandy scarlet secret shady sharp silent silver sleepy slender smoky solar southern sparkling spicy
    stormy sugar sunny tender thirsty timber tiny tropical turquoise twisted urban velvet violet vivid
    wandering warm western whispering wicked wild windy winter wise wooden young zesty"""
)
NOUNS = _words(
    """acorn anchor antler apron arrow attic badger balcony banjo barley basket beacon beaver beetle bell
    bison blanket blossom bonfire boulder branch bridge brook bucket butterfly button cabin cactus camel
    candle canoe canyon caravan castle cathedral cavern cello chapel cherry chestnut chimney cinnamon circus
    citadel cliff clover cobbler comet compass cottage cottonwood coyote cradle crane crater creek cricket
    crown daisy dolphin donkey dragon drum dune eagle ember falcon feather fern fiddle firefly flamingo flute
    forest fountain fox galaxy gazelle geyser ginger giraffe glacier goblet gondola gorilla grove hammock
    harbor harp harvest hawk hazelnut hedgehog heron honey horizon hornet husky iceberg iris island jackal
    jaguar jasmine jungle kayak kettle kingdom kite lagoon lantern lark lemur leopard lighthouse lily lizard
    llama lobster locket lotus lynx magnolia mammoth mandolin mango marigold market marsh meadow mermaid
    meteor mill mirror moose mosaic mountain mulberry mushroom nectar needle nest nutmeg oasis oboe orchard
    orchid osprey otter owl oyster palace panther papaya parrot peacock pebble pelican peony pepper phoenix
    pigeon pine piper planet plateau pony poppy prairie puffin pumpkin pyramid quail quarry quartz quilt
    rabbit raccoon raft rainbow ranch raven reef ribbon ridge river robin rocket rooster rose saddle saffron
    sailor salmon scarecrow seagull shadow shepherd shore skylark sparrow spider spruce squirrel stable
    statue stork strawberry stream summit sunflower swan temple thistle thunder tiger toucan tower trellis
    trumpet tulip tunnel turtle umbrella unicorn valley vessel village vineyard violin volcano wagon walnut
    walrus waterfall whale willow windmill wolf wren zebra zeppelin"""
)
_SHARED = 40  # adjectives of shared topics; own topics use the others
_OWN = len(ADJECTIVES) - _SHARED
SHORT_PHRASES = _SHARED * len(NOUNS)
"""Shared topics of two words; those with greater numbers have three."""
_PAIRS = len(NOUNS) ** 2
# Coprime to what they walk through, so that each walks through all of it; neighbours have no word in common.
_SHARED_STRIDE, _PAIR_STRIDE, _OWN_STRIDE = 3_001, 20_011, 50

QUALIFIERS = _words(
    """vintage local family budget luxury outdoor junior senior student holiday weekend midwest coastal
    alpine organic vegan nordic latin celtic oriental medieval futuristic portable wireless seasonal
    charity corporate campus military nautical rural tribal amateur expert global regional communal private
    daily nightly"""
)

SLOT_VALUES: dict[str, tuple[str, ...]] = {
    "date": (
        *("today", "tomorrow", "tonight", "this weekend", "next week", "next month"),
        *(
            f"{prefix}{day}"
            for prefix in ("", "on ", "next ", "this ")
            for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        ),
        *(
            f"{month} {day}"
            for month in ("january", "march", "april", "may", "june", "july", "august", "october")
            for day in ("first", "third", "fifth", "ninth", "twelfth", "twentieth", "twenty second")
        ),
    ),
    "time": (
        *("noon", "midnight"),
        *(f"{hour} {half}" for hour in range(1, 13) for half in ("am", "pm")),
        *(
            f"{lead} {hour}"
            for lead in ("half past", "quarter to")
            for hour in ("six", "seven", "eight", "ten")
        ),
    ),
    "number": (*(str(n) for n in range(2, 41)), "three", "four", "five", "six", "seven", "eight", "ten"),
    "duration": tuple(
        f"{n} {unit}" for n in (2, 5, 10, 15, 20, 30, 45) for unit in ("minutes", "hours", "days")
    ),
    "amount": tuple(f"{n} dollars" for n in (5, 10, 15, 20, 25, 40, 50, 75, 100, 150, 200, 300, 500, 1000)),
    "city": _words(
        """austin baltimore berlin boise boston brooklyn cairo chicago cleveland dallas denver detroit dublin
        geneva houston lagos lima lisbon london madrid memphis miami milan montreal mumbai nairobi nashville
        oakland omaha orlando oslo paris phoenix portland prague raleigh reno rome seattle seoul sydney tampa
        tokyo toronto tucson tulsa vienna warsaw"""
    ),
    "person": _words(
        """aaron abigail alice amir ana andre anna ben bianca carla carlos chloe daniel diana elena emma eric
        fatima felix grace hannah hugo ines isaac ivan jack jasper julia karim kate laura leo lucas maria maya
        mia mohammed nina noah nora omar oscar paula priya rosa samuel sara simon sofia thomas victor
        yusuf zoe"""
    ),
    "room": (
        *(
            "kitchen",
            "bedroom",
            "living room",
            "hallway",
            "bathroom",
            "garage",
            "basement",
            "office",
            "patio",
        ),
        *("guest room", "dining room", "nursery"),
    ),
}
"""Values of the slots that every domain shares."""

_CONSONANTS = "bdfgjklmnprstvz"
_VOWELS = "aeio"
_SYLLABLES = tuple(c + v for c in _CONSONANTS for v in _VOWELS)
BRANDS = len(_SYLLABLES) ** 3


def shared_phrase(number: int) -> str:
    """A topic that several skills cover; no two below `SHORT_PHRASES * (_OWN + 1)` are equal.

    >>> shared_phrase(1), shared_phrase(1 + 40 * 242)
    ('broken husky', 'broken eastern husky')
    """
    again, number = divmod(number, SHORT_PHRASES)
    adjective, noun = divmod(number * _SHARED_STRIDE % SHORT_PHRASES, len(NOUNS))
    more = f"{ADJECTIVES[_SHARED + again - 1]} " if again else ""
    return f"{ADJECTIVES[adjective]} {more}{NOUNS[noun]}"


def own_phrase(owner: int, number: int, per_owner: int) -> str:
    """A topic of one owner's own: all of an owner's have the same two nouns, which hardly another owner has.

    No two are equal, and none is a shared phrase, below `len(NOUNS)**2 * (_OWN // per_owner)` owners.
    """
    again, pair = divmod(owner, _PAIRS)
    one, other = divmod(pair * _PAIR_STRIDE % _PAIRS, len(NOUNS))
    adjective = pair + (again * per_owner + number) * _OWN_STRIDE
    return f"{ADJECTIVES[_SHARED + adjective % _OWN]} {NOUNS[one]} {NOUNS[other]}"


def brand(number: int) -> str:
    """An invented word of three syllables, one for each number below `BRANDS`."""
    n = len(_SYLLABLES)
    code = number * 77_777 % BRANDS  # coprime to BRANDS = 2^6 · 3^3 · 5^3
    return _SYLLABLES[code // (n * n)] + _SYLLABLES[code // n % n] + _SYLLABLES[code % n]
