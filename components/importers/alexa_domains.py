"""Which domain an Alexa skill belongs to: a keyword table, since the data names no category.

A domain's score is the number of its keywords among the words of the skill's name, counted three times, and
of its short description, counted once; the long description decides where these two have none. The best
score wins, the earlier domain of the table on a tie, and a skill without any keyword is of `Other`. Whole
numbers only: the same skill gets the same domain everywhere.
"""

from components.records.text import tokens

OTHER = "Other"

_NAME_WEIGHT = 3

_TABLE = {
    "Weather & Snow": (
        "snow ski snowboarding resort weather forecast temperature rain tide surf wind storm humidity "
        "pollen sunrise sunset uv snocountry climate hurricane earthquake"
    ),
    "Smart Home": (
        "light lamp thermostat smart switch garage door lock camera alarm security device hub appliance "
        "vacuum heating furnace dim bulb remote tv receiver sprinkler automation insteon harmony wink "
        "nest oven printer"
    ),
    "Sports": (
        "sport football baseball basketball soccer nfl nba mlb nhl hockey golf cricket league player "
        "team score olympic race racing tennis wrestling ufc championship coach draft formula rugby "
        "athlete match ncaa"
    ),
    "Food & Drink": (
        "recipe food cook cooking ingredient wine beer cocktail drink coffee tea restaurant eat meal "
        "chef dinner lunch pizza kitchen bake cake bread chocolate cheese salad smoothie diet vegan "
        "bartender grill bbq fruit breakfast sauce soup dessert whiskey burger"
    ),
    "Health & Fitness": (
        "health workout fitness exercise yoga medical doctor medicine calorie sleep meditation stress "
        "disease drug symptom vitamin body weight pregnancy anatomy nurse nutrition allergy heart pain "
        "breathing meditate relax nap cpr hospital patient medication gym"
    ),
    "Finance": (
        "stock bitcoin currency price bank finance financial money market mortgage loan credit tax "
        "invest investor investment payment bill exchange crypto dollar budget business startup "
        "economic economy stocks company salary insurance trading accounting retirement"
    ),
    "Travel & Transit": (
        "travel flight airport bus train transit subway metro traffic commute trip taxi uber airline "
        "hotel vacation parking station bike ferry route tour tourist beach car fuel gas rail drive "
        "vehicle plane aviation destination"
    ),
    "News": (
        "news headline briefing newspaper update magazine politics political election candidate trump "
        "clinton vote podcast congress senator flash journal reporter"
    ),
    "Music & Sound": (
        "music song sing lyric band album artist guitar piano radio sound noise chord singer concert "
        "rap jazz musical drum melody ambient playlist tune opera orchestra composer"
    ),
    "Film & Television": (
        "movie film television episode actor actress cinema hollywood series netflix showtime theater "
        "oscar anime marvel superhero simpson thrones trek wars disney batman bollywood harry potter "
        "comic"
    ),
    "Religion & Spirit": (
        "bible prayer church god jesus scripture verse religion islamic quran spiritual catholic pray "
        "buddha gospel saint psalm hindu faith mantra horoscope zodiac astrology tarot fortune feng "
        "oracle karma ching"
    ),
    "Animals & Nature": (
        "animal cat dog bird pet horse fish dinosaur elephant wildlife insect nature plant flower "
        "garden shark bear pig snake kitten puppy ocean tree whale penguin monkey cow farm sloth"
    ),
    "Productivity": (
        "list task todo calendar schedule reminder email note meeting timer appointment organize remind "
        "productivity countdown clock track tracker office project memo date deadline habit time "
        "planner inbox"
    ),
    "Home & Family": (
        "baby parent mom kid child children bedtime family toddler wedding birthday mother father "
        "diaper story stories nursery chore name gift household cleaning laundry love dating "
        "relationship santa christmas halloween holiday"
    ),
    "Science & Space": (
        "science space planet nasa astronomy star moon mars physics chemistry element biology scientist "
        "astronaut universe satellite galaxy solar periodic earth geology iss rocket"
    ),
    "Technology": (
        "computer programming developer code software web website server cloud aws internet technology "
        "tech github api linux java javascript python hacker data robot phone mobile encryption network "
        "security cyber algorithm programmer devops"
    ),
    "Places & Government": (
        "city state country capital county president presidential government law constitution history "
        "historical geography india america american connecticut washington york texas california "
        "london park local community event population police court military war army museum town "
        "seattle canada"
    ),
    "Learning": (
        "math multiplication addition subtraction division flashcard vocabulary spanish english "
        "language spell spelling word learn learning study exam practice teach education school student "
        "grammar translate dictionary definition alphabet number college university class teacher "
        "lesson french german japanese chinese calculator convert converter memorize geometry algebra "
        "sat"
    ),
    "Games & Trivia": (
        "game trivia quiz guess puzzle riddle dice player play pokemon adventure challenge question "
        "coin flip roll minecraft casino poker blackjack bingo dungeon card tic chess hangman magic "
        "eight ball character lottery winner rock scissors battle quest hero geek flash"
    ),
    "Fun & Quotes": (
        "joke fact quote funny insult compliment pun laugh humor saying proverb inspirational "
        "motivational inspiration motivation wisdom pickup excuse advice affirmation poem poetry haiku "
        "tip trick yo meme prank limerick silly knock philosophy rhyme"
    ),
}
"""Domain → keywords, singular, in lower case. The order decides ties: the special before the general."""

_DOMAINS = {domain: frozenset(words.split()) for domain, words in _TABLE.items()}


def domain_of(name: str, short_description: str, description: str) -> str:
    """The domain of a skill with these texts.

    >>> domain_of("Snow Report for Wolf Ridge", "", "")
    'Weather & Snow'
    >>> domain_of("mKeRix", "", "")
    'Other'
    """
    in_name, in_short = _words(name), _words(short_description)
    scores = {
        domain: _NAME_WEIGHT * len(words & in_name) + len(words & in_short)
        for domain, words in _DOMAINS.items()
    }
    if not any(scores.values()):
        in_description = _words(description)
        scores = {domain: len(words & in_description) for domain, words in _DOMAINS.items()}
    best = max(scores, key=scores.__getitem__)  # the first of equals
    return best if scores[best] else OTHER


def _words(text: str) -> set[str]:
    """The words of a text, each as it is and without a plural's s."""
    found = set(tokens(text))
    return found | {word.removesuffix("s") for word in found if len(word) > 3}
