/* A small whole dialog for tests of the machine and the engine: two emergencies' worth of signs, one habit, every kind of state. */
#ifndef TESTS_SMALL_DIALOG_H
#define TESTS_SMALL_DIALOG_H

#include "dialog/load.h"

static const struct dialog_file small_files[] = {
    {STR_INIT("dialog.yaml"), STR_INIT(
        "dialog: small\n"
        "title: A small dialog\n"
        "start: hello\n"
        "about-other: who is other\n"
        "comfort: [rest]\n"
        "screens:\n"
        "  now: {ask: Any of these?, list: [droop, arm, fits], why: They can be serious.}\n"
        "levels:\n"
        "  emergency: {title: Call now, say: \"Call {emergency_number} now.\"}\n"
        "  urgent: {title: Be seen today, say: Please see a doctor today.}\n"
        "  routine: {title: See a doctor, say: Please see a doctor in two weeks.}\n"
        "  self_care: {title: Look after it, say: This sounds harmless.}\n"
        "states:\n"
        "  hello: {say: [hello], listen: true, next: safety}\n"
        "  safety: {settle: [emergency, urgent], with: [now], next: habits}\n"
        "  habits: {ask: [coffee], next: advice}\n"
        "  advice: {advise: [[level, because], [causes, remedies, wish]], end: true, next: after}\n"
        "  after: {listen: true}\n"
        "  emergency: {advise: [[level, because]], end: true, next: waiting}\n"
        "  waiting: {listen: true, otherwise: call-again}\n"
        "always:\n"
        "  - {if: level is emergency, go: emergency}\n")},
    {STR_INIT("findings.yaml"), STR_INIT(
        "who:\n"
        "  kind: choice\n"
        "  short: who\n"
        "  ask: Who is it about?\n"
        "  values: {self: [for me], other: [for my friend, for my mum]}\n"
        "droop:\n"
        "  kind: yesno\n"
        "  short: a drooping face\n"
        "  ask: Is one side of {your} face drooping?\n"
        "  again: Smile at a mirror. Does one side stay down?\n"
        "  why: It can be a stroke.\n"
        "  sources: [FAST]\n"
        "  yes: [face is drooping, face droops]\n"
        "arm:\n"
        "  kind: yesno\n"
        "  short: a weak arm\n"
        "  ask: Is an arm weak?\n"
        "  again: Lift both arms. Does one drift down?\n"
        "  yes: [arm + weak/numb]\n"
        "fits:\n"
        "  kind: yesno\n"
        "  short: a fit\n"
        "  ask: Did {you} have a fit?\n"
        "  yes: [had a fit, a seizure]\n"
        "coffee:\n"
        "  kind: number\n"
        "  short: coffee\n"
        "  unit: cups a day\n"
        "  measure: count\n"
        "  range: [0, 50]\n"
        "  ask: How many cups of coffee a day?\n"
        "  choices: {none: 0, a few: 3, many: 8}\n"
        "  near: [coffee]\n")},
    {STR_INIT("triage.yaml"), STR_INIT(
        "E1: {level: emergency, when: droop or arm, because: it can be a stroke, sources: [FAST], basis: source}\n"
        "U1: {level: urgent, when: fits, because: fits need a doctor, sources: [FAST], basis: source}\n"
        "X1: {level: urgent, when: droop is still unsure or arm is still unsure, because: it stays unclear, sources: [FAST], basis: derived}\n"
        "R1: {level: routine, when: coffee > 20, because: that is a lot, sources: [FAST], basis: derived}\n"
        "S1: {level: self_care, when: always, because: nothing speaks for more, sources: [FAST], basis: derived}\n")},
    {STR_INIT("causes.yaml"), STR_INIT(
        "caffeine:\n"
        "  name: a lot of coffee\n"
        "  points: [{if: coffee > 4, give: 2, because: \"{you} drink {coffee} cups a day\"}]\n"
        "  about: Coffee wakes nerves.\n"
        "  also: [caffeine]\n"
        "  remedies: [less]\n"
        "  sources: [FAST]\n")},
    {STR_INIT("remedies.yaml"), STR_INIT(
        "less: {say: Drink a cup less., sources: [FAST]}\n"
        "rest: {say: Rest a little., sources: [FAST]}\n")},
    {STR_INIT("topics.yaml"), STR_INIT(
        "how-long: {title: How long?, ask: [how long + last], say: Mostly a few days., sources: [FAST]}\n")},
    {STR_INIT("sources.yaml"), STR_INIT("FAST: {title: Act FAST, url: \"https://example.org/fast\"}\n")},
    {STR_INIT("places.yaml"), STR_INIT(
        "default: {emergency_number: your local emergency number}\n"
        "gb: {name: the UK, emergency_number: \"999\"}\n")},
    {STR_INIT("says.yaml"), STR_INIT(
        "hello: Hello.\n"
        "wish: Be well.\n"
        "call-again: Please call now.\n"
        "help: I ask and advise.\n"
        "back: One step back.\n"
        "back-none: There is nothing to go back to.\n"
        "restart: From the start.\n"
        "why-none: I am not asking anything.\n"
        "stop: Goodbye.\n"
        "sources-lead: \"Sources:\"\n"
        "delete: All gone.\n"
        "unclear: I did not get that.\n"
        "unclear-again: Still not.\n"
        "unclear-out: You can ask a person.\n"
        "unclear-open: What is it about?\n"
        "welcome: You are welcome.\n"
        "noted: Noted.\n"
        "too-long: That was long.\n"
        "range: That cannot be.\n"
        "check-lead: Let us check.\n"
        "to-be-sure: To be sure.\n"
        "yes: \"yes\"\n"
        "no: \"no\"\n"
        "not-sure: not sure\n"
        "none-of-these: none of these\n"
        "causes-lead: \"It may be:\"\n"
        "causes-none: Nothing stands out.\n"
        "remedies-lead: \"Try:\"\n"
        "because-lead: I say this because\n"
        "resume: \"Back to my question:\"\n"
        "level-up: That changes things.\n"
        "private-offer: Others can read this. In private or here?\n"
        "private-only: Only in private.\n"
        "private-go: I have written to you.\n"
        "private-here: Here we are alone.\n"
        "summary-lead: \"Summary:\"\n"
        "summary-yes: \"Yes:\"\n"
        "summary-not-asked: \"Not asked:\"\n"
        "summary-no: \"No:\"\n"
        "summary-unsure: \"Not sure:\"\n")},
    {STR_INIT("words.yaml"), STR_INIT(
        "fillers: [a, the, my, is]\n"
        "expand: {idk: i do not know}\n"
        "commands:\n"
        "  help: [help]\n"
        "  back: [back, go back]\n"
        "  restart: [restart]\n"
        "  why: [why]\n"
        "  stop: [stop]\n"
        "  sources: [sources]\n"
        "  delete: [delete my data]\n"
        "  summary: [summary]\n"
        "  private: [in private]\n"
        "  here: [here]\n"
        "cues:\n"
        "  deny: [no, not]\n"
        "  stop: [but]\n"
        "  doubt: [maybe, not sure]\n"
        "  suppose: [what if]\n"
        "  others: [my mum, my friend]\n"
        "  ask: [how, what]\n"
        "  yes: [\"yes\"]\n"
        "  no: [\"no\"]\n"
        "  unsure: [not sure, i do not know]\n"
        "  none: [none, none of these]\n"
        "  only: [only]\n")},
};

static inline struct dialog *small_dialog(void) {
    struct problems problems;
    problems_init(&problems);
    struct dialog *d = dialog_load(small_files, sizeof small_files / sizeof *small_files, &problems);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%.*s:%u:%u: %.*s\n", STR_ARG(problems.items[i].file), problems.items[i].line,
                problems.items[i].column, STR_ARG(problems.items[i].message));
    problems_finish(&problems);
    return d;
}

#endif
