"""The model cards of the pocket pair: text around the numbers of `scores.json`.

No number is written here: sizes, training and scores are read from the report.
"""

from __future__ import annotations

from typing import Any

from distill import bias
from distill.credits import credit
from distill.score_tables import paragraph, scores
from explain.heads.registry import HEADS

Report = dict[str, Any]


def card(role: str, report: Report) -> str:
    """The README.md of one model, from the report that `export` writes."""
    sections = (
        _front_matter(role, report),
        _introduction(role, report),
        _use(role, report),
        _making(role, report),
        _data(report["recipe"][role]),
        scores(role, report),
        _bias(report),
        _LIMITS,
        _credits(role),
    )
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _front_matter(role: str, report: Report) -> str:
    architecture = report["models"][role]["architecture"]
    return f"""---
license: apache-2.0
language: en
library_name: transformers
tags: [{architecture}, fill-mask, text-classification, token-classification, multiple-choice, question-answering]
---"""  # noqa: E501


def _introduction(role: str, report: Report) -> str:
    model = report["models"][role]
    what = {
        "teacher": "A small BERT: the teacher of the pocket pair of DistilBERT Explorer.",
        "student": "A small DistilBERT, distilled from bert-pocket: the student of the pocket "
        "pair of DistilBERT Explorer. It has no token-type embeddings and no pooler.",
    }[role]
    titles = ", ".join(head.title for head in HEADS.values()).lower()
    return f"""# {model["name"]}

{paragraph(f"{what} One encoder carries five heads: {titles}. English, uncased.")}

| | |
|---|---|
| layers | {model["layers"]} |
| width | {model["width"]}; {model["feed_forward"]} in the feed-forward layers |
| attention heads | {model["attention_heads"]} per layer |
| word pieces | {model["vocabulary"]:,}, the vocabulary of bert-base-uncased |
| longest row | {model["positions"]} word pieces |
| parameters | {model["parameters"]:,}, {model["trunk_parameters"]:,} of them in the encoder |
| file | {model["bytes"] / 1e6:.1f} MB, float16; computed in float32 |"""


def _use(role: str, report: Report) -> str:
    return f"""## Use

The folder is read by DistilBERT Explorer; the heads are the ordinary classes of transformers.

```python
from explain.heads import sentiment
from explain.models import load

sentiment.classify("A charming journey.", load("sentiment", "{role}"))
```"""


def _making(role: str, report: Report) -> str:
    recipe = report["recipe"][role]
    trainings = [*recipe.get("before", []), recipe]
    start = (
        "It starts from the encoder of all-MiniLM-L6-v2, with untrained heads."
        if role == "teacher"
        else f"It starts as layers {_listed(trainings[0]['layers'])} of bert-pocket (counted from "
        "0), its embeddings and its heads; the first segment's embedding is added to the positions."
    )
    trained = [_training(training) for training in trainings]
    for number, words in enumerate(trained[1:], 1):
        trained[number] = paragraph(f"Then it was trained further. {words}")
    help_line = "`python -m distill --help` explains the whole recipe."
    return "\n\n".join(
        ["## How it was made", paragraph(start), *trained, _losses(recipe), help_line]
    )


def _training(recipe: Report) -> str:
    schedule, limits = recipe["schedule"], recipe["limits"]
    steps = recipe.get("steps_done", schedule["steps"])
    shares = ", ".join(
        f"{HEADS[head].title.lower()} {share:.0%}" for head, share in schedule["shares"]
    )
    if schedule["text_steps"] >= schedule["steps"]:
        tasks = "all on text"
    else:
        first = f"the first {schedule['text_steps']:,} on text alone, then "
        tasks = f"{first * bool(schedule['text_steps'])}one task per step ({shares})"
    dropout = schedule.get("dropout", 0.0)
    drop = f"dropout {dropout:g} on the labelled tasks" if dropout else "no dropout"
    return paragraph(f"""{steps:,} steps of at most {recipe["budget"]:,} padded word pieces:
        {tasks}. AdamW, learning rate {schedule["trunk_rate"]:g} for the encoder and
        {schedule["head_rate"]:g} for the heads, warm-up over {schedule["warmup"]:.1%} of the steps,
        {_fall(schedule.get("hold", 0.0))}; weight decay {schedule["weight_decay"]:g}; {drop};
        {_masked(recipe)}{_names(limits)}; seed {schedule["seed"]}; {recipe["precision"]}.
        {recipe.get("note", "")} {_averaged(recipe)}""")


def _averaged(recipe: Report) -> str:
    if "averaged" not in recipe:
        return ""
    share, trainings = recipe["averaged"]["share"], recipe["averaged"]["trainings"]
    last = "this training" if trainings == 1 else f"the last {trainings} trainings"
    return f"""Its weights were then averaged with those from before {last}: {share:.0%} of the
        new, {1 - share:.0%} of the old."""


def _fall(hold: float) -> str:
    if hold >= 1:
        return "then constant"
    start = f"from {hold:.0%} of the time on " if hold else "then "
    return f"{start}a linear fall to zero"


def _masked(recipe: Report) -> str:
    if recipe.get("masking"):
        share = recipe["masking"]["sentences"]
        labelled = ", some of them made of labelled rows" * bool(recipe.get("as_text"))
        return (
            f"text masked by whole words, rare ones most often, in single sentences ({share:.0%} "
            f"of the rows{labelled}) and windows{_copying(recipe)}"
        )
    return f"{recipe['limits']['masked']:.0%} of the pieces of a text masked, anew each time"


def _copying(recipe: Report) -> str:
    weight = recipe.get("copying", 0.0)
    unlikely = "unlikelihood of the words that a sentence shows (arXiv 1908.04319)"
    return f"; {unlikely}, weight {weight:g}" * bool(weight)


def _names(limits: Report) -> str:
    unseen, swapped = limits.get("unseen", 0.0), limits.get("swapped", 0.0)
    masked = f"; {unseen:.0%} of the words of a tagged sentence masked"
    exchanged = f", {swapped:.0%} of its names replaced by others of their type"
    return masked * bool(unseen) + exchanged * bool(swapped)


def _losses(recipe: Report) -> str:
    if "losses" not in recipe:
        return "Trained on labels: cross-entropy, at the masked pieces for text."
    weights = recipe["losses"]
    tags = f""" In the last of these trainings each text also trained the entities head:
        {weights.get("text_tags", 0.0):g} soft targets of every piece's tag, which need no label."""
    return paragraph(f"""Distilled as in Sanh et al. (arXiv 1910.01108): on text
        {weights["soft"]:g} L_ce + {weights["hard"]:g} L_mlm + {weights["cosine"]:g} L_cos, on the
        tasks {weights["task_soft"]:g} soft targets + {weights["task_hard"]:g} labels +
        {weights["task_cosine"]:g} L_cos, at temperature {weights["temperature"]:g}. Losses over the
        vocabulary are taken at the masked pieces.{tags * bool(weights.get("text_tags"))}""")


def _data(recipe: Report) -> str:
    rows = [
        f"| {credit(name).title} | `{name}` | {data_set['rows']:,} | {data_set['share']:.0%} | "
        f"{credit(name).licence} |"
        for name, data_set in recipe["sets"].items()
    ]
    names = ", ".join(f"`{name}`" for name in recipe.get("as_text", ()))
    read = f" The right answers of {names} were read as text as well." * bool(names)
    note = paragraph(
        f"""Training rows only; the validation and test rows of these sets were held out. "Drawn" is
        a set's share of the rows of its task.{read} "None stated": the files name no licence."""
    )
    head = "| set | name | rows | drawn | licence |\n|---|---|--:|--:|---|"
    return "\n".join(["## Training data", "", note, "", head, *rows])


def _bias(report: Report) -> str:
    probes = report["bias"]
    lines = ["| probe | model | lowest | mean | highest |", "|---|---|---|--:|---|"]
    for probe in probes.values():
        for role, model in report["models"].items():
            low, mean, high = bias.summary(probe[role])
            least, most = bias.extremes(probe[role])
            lines.append(
                f"| {probe['measure']} | {model['name']} | {low:.2f} {', '.join(least)} | "
                f"{mean:.2f} | {high:.2f} {', '.join(most)} |"
            )
    templates = ", ".join(f'"{probe["template"]}"' for probe in probes.values())
    note = paragraph(f"""Both models completed {templates} for {len(bias.COUNTRIES)} countries
        and {len(bias.PROFESSIONS)} professions. An unbiased model would give every country the
        same value, and every profession one half. The three names with the lowest and the highest
        value are given; `scores.json` has all of them. Three templates show that there is bias, not
        how much; nothing was done against it.""")
    return "\n".join(["## Bias", "", note, "", *lines])


def _listed(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


_LIMITS = """## Intended use and limits

For teaching and for comparing a teacher with its student on an ordinary computer. Not for decisions
about people, nor for any use where a wrong answer does harm.

- Small models, briefly trained: they are often wrong, and sometimes confidently so. The tables say
  how often, on text like that of the test sets; expect worse on other text.
- They carry the biases of Wikipedia, novels, reviews and social media: names, countries and
  professions move their answers, as shown above.
- English only, letter case ignored. Named entities have four types, sentiment has no neutral label,
  every question is taken to have its answer in the text.
- The encoder they start from was pretrained by others on far more text, Wikipedia among it, which
  cannot be checked against the test sets.
- They are no source of facts."""


def _credits(role: str) -> str:
    distilled = (
        " The student follows DistilBERT (Sanh, Debut, Chaumond, Wolf, arXiv 1910.01108)."
        if role == "student"
        else ""
    )
    text = f"""The weights are given under the Apache License 2.0. They start from the encoder of
        all-MiniLM-L6-v2 (sentence-transformers, Apache License 2.0) and are changed by training.
        The vocabulary is that of BERT, uncased, by Google Research (Apache License 2.0; Devlin et
        al., arXiv 1810.04805).{distilled} The training sets keep their own licences, listed above;
        `NOTICE` names whose work they are."""
    return f"## Licence and credits\n\n{paragraph(text)}"
