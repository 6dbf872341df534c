"""What each training set is, and the licence it is known to carry.

"None stated" means that neither the files nor the repository they come from name a licence; such a
set has long been distributed for research, and nothing more is granted. No set is redistributed
here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credit:
    """One data set."""

    title: str
    licence: str


CREDITS = {
    "text_wikipedia": Credit("English Wikipedia of 2015, opening sections", "CC BY-SA 3.0"),
    "text_wikipedia_recent": Credit("English Wikipedia, articles started in 2018", "CC BY-SA 3.0"),
    "text_openstax": Credit("OpenStax textbooks, as they stood under this licence", "CC BY 4.0"),
    "text_novels": Credit("Novels and stories gathered by LitBank", "public domain; CC BY 4.0"),
    "text_standardebooks": Credit(
        "Gibbon, Smith, Darwin, Grant and Pepys from Standard Ebooks", "public domain; CC0 1.0"
    ),
    "text_factbook": Credit("The World Factbook", "public domain"),
    "text_addresses": Credit("US State of the Union and inaugural addresses", "public domain"),
    "text_imdb": Credit("Large Movie Review data set, unlabelled reviews", "none stated"),
    "sentiment_sst2": Credit("SST-2, whole sentences", "none stated"),
    "sentiment_sst2_phrases": Credit("SST-2, phrases of the training sentences", "none stated"),
    "sentiment_mr": Credit("Movie reviews (rt-polarity) without SST's sentences", "none stated"),
    "sentiment_cr": Credit("Customer reviews", "none stated"),
    "sentiment_uci": Credit("UCI labelled sentences: Yelp, IMDb", "none stated; CC BY 4.0 at UCI"),
    "sentiment_imdb": Credit("Large Movie Review data set, shorter reviews", "none stated"),
    "ner_wikigold": Credit("Wikigold", "CC BY 4.0"),
    "ner_wnut17": Credit("WNUT-17, emerging entities", "CC BY 4.0"),
    "ner_btc": Credit("Broad Twitter Corpus", "CC BY 4.0"),
    "ner_re3d": Credit(
        "re3d, without its BBC part",
        "by source: OGL v3.0, public domain, CC BY-SA 3.0, CC BY 3.0 AU, EU legal notice",
    ),
    "ner_crossner": Credit("CrossNER: politics, science, music, literature", "MIT"),
    "ner_uner_ewt": Credit("Universal NER, English EWT", "CC BY-SA 4.0"),
    "ner_tweebank": Credit("Tweebank-NER", "Apache-2.0"),
    "ner_litbank": Credit("LitBank, names in novels", "CC BY 4.0"),
    "ner_gum": Credit(
        "GUM, the genres free of non-commercial terms",
        "CC BY, public domain; CC BY-NC-SA 4.0 for the treebank as a whole",
    ),
    "ner_conll2003": Credit("CoNLL-2003, news by Reuters", "Reuters corpus terms"),
    "qa_xquad_en": Credit("XQuAD, English", "CC BY-SA 4.0"),
    "qa_squad_dev": Credit("SQuAD 1.1, development set without XQuAD's paragraphs", "CC BY-SA 4.0"),
    "qa_squadshifts_wiki": Credit(
        "SQuADShifts, new Wikipedia", "none stated; CC BY 4.0 on its card"
    ),
    "qa_squadshifts_amazon": Credit(
        "SQuADShifts, Amazon reviews", "none stated; CC BY 4.0 on its card"
    ),
    "qa_fairytale": Credit("FairytaleQA, answers found word for word", "Apache-2.0"),
    "qa_qamr": Credit("QAMR, questions on single sentences", "MIT"),
    "qa_squad": Credit("SQuAD 1.1", "CC BY-SA 4.0"),
    "mc_hellaswag": Credit("HellaSwag", "MIT"),
    "mc_codah": Credit("CODAH", "ODC-BY 1.0"),
    "mc_winogrande": Credit("WinoGrande 1.1", "CC BY"),
    "mc_comve": Credit("ComVE, SemEval-2020 task 4", "CC BY-SA 4.0"),
    "mc_ecare": Credit("e-CARE, causes and effects", "MIT"),
    "mc_copa": Credit("COPA and Balanced COPA", "none stated"),
    "mc_cosmosqa": Credit("Cosmos QA", "none stated"),
    "mc_socialiqa": Credit("Social IQa", "none stated"),
    "mc_arc_easy": Credit("ARC-Easy", "none stated; ARC is published as CC BY-SA 4.0"),
    "mc_swag": Credit("SWAG", "none stated"),
}
UNKNOWN = Credit("a set of your own", "yours to state")


def credit(name: str) -> Credit:
    """What is known of a set, by its name."""
    return CREDITS.get(name, UNKNOWN)
