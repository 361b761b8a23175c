#include "test.h"

#include "core/buf.h"
#include "dialog_fixture.h"

/* What the loader says about wrong files. Each case spoils one place of the mini dialog; exactly the named problems are to be told. */

struct spoilt {
    const char *file, *old, *new; /* old NULL: new is the whole file */
    const char *problems;         /* one a line */
};

#define F "findings.yaml"
#define D "dialog.yaml"
#define W "words.yaml"

static const struct spoilt cases[] = {
    /* YAML */
    {F, NULL, "a: [1, 2",
     "findings.yaml:2:1: not YAML: did not find expected ',' or ']' (while parsing a flow sequence that begins in line "
     "1)"},
    {F, NULL, "a: b\n c: d\n", "findings.yaml:2:3: not YAML: mapping values are not allowed in this context"},
    {F, NULL, "a: \"x\n\n\n",
     "findings.yaml:4:1: not YAML: found unexpected end of stream (while scanning a quoted scalar that begins in line "
     "1)"},
    {F, NULL, "\tkind: yesno\n", "findings.yaml:1:1: not YAML: found character that cannot start any token"},
    {F, NULL, "a: {b: &x y}\n",
     "findings.yaml:1:8: anchors (&) and tags (!) are not used here; quote a text that begins with & or !"},
    {F, NULL, "a: *x\n", "findings.yaml:1:4: aliases (*) are not used here; quote a text that begins with *"},
    {F, NULL, "a: !!int 3\n",
     "findings.yaml:1:4: anchors (&) and tags (!) are not used here; quote a text that begins with & or !"},
    {F, NULL, "a: {b: c}\n---\nd: e\n",
     "findings.yaml:2:1: a second document (---) in one file; make it a file of its own"},
    {F, NULL, "? [a, b]\n: c\n", "findings.yaml:1:3: a key must be a text; quote what begins with [ or {"},
    {F, NULL, "a: \xff\n", "findings.yaml:1:4: this byte is not UTF-8; save the file as UTF-8"},
    {F, NULL, "\xc3\xa4: x\ny: \xe2\x82 z", "findings.yaml:2:4: this byte is not UTF-8; save the file as UTF-8"},
    {F, NULL, "a: b\x01", "findings.yaml:1:5: a control character"},
    {F, NULL, "a: b\x7f", "findings.yaml:1:5: a control character"},
    {F, NULL, "a: b\xe2\x80\xa8", "findings.yaml:1:5: an unusual line end (U+0085, U+2028 or U+2029); use a plain one"},
    {F, NULL, "\n\na: \"b\\0c\"\n", "findings.yaml:3:4: a text with a control character in it"},
    {F, NULL, "- a\n- b\n", "findings.yaml:1:1: a map is expected here: {key: value}, not a list"},
    {F, NULL, "just words\n", "findings.yaml:1:1: a map is expected here: {key: value}, not a text"},
    {"says.yaml", "back: One", "help: me\nback: One", "says.yaml:5:1: \"help\" is already given in line 4"},
    {F, "  kind: set\n", "  kind: set\n  kind: set\n", "findings.yaml:58:3: \"kind\" is already given in line 57"},
    {"fndings.yaml", NULL, "{}",
     "fndings.yaml: no file of a dialog begins with \"fndings\"; did you mean \"findings\"?"},
    {"pictures-a.yaml", NULL, "", "pictures-a.yaml: no file of a dialog begins with \"pictures\""},
    /* likes */
    {"likes.yaml", NULL, "brake_fails:\n  - I pull and nothing happens\n",
     "likes.yaml:1:1: no finding named \"brake_fails\"; did you mean \"brake_failed\"?"},
    {"likes.yaml", NULL, "brake_failed:\n  - it fails\n",
     "likes.yaml:2:5: \"it fails\" is no whole sentence: it has fewer than 3 words"},
    {"likes.yaml", NULL, "brake_failed:\n  - I pull and nothing happens\nnothing:\n  - I pull and nothing happens\n",
     "likes.yaml:4:5: the sentence \"I pull and nothing happens\" is here already, in line 2 of likes.yaml"},
    {"likes.yaml", NULL, "brake_failed: I pull and nothing happens\n",
     "likes.yaml:1:15: a list is expected here: [one, another], not a text"},
    /* names */
    {"conditions-more.yaml", NULL, "dry_chain: always\n",
     "conditions.yaml:2:1: the condition \"dry_chain\" is already defined in line 1 of conditions-more.yaml"},
    {"triage-third.yaml", NULL, "R1: {}\n",
     "triage-third.yaml:1:1: the rule \"R1\" is already defined in line 1 of triage-first.yaml"},
    {"conditions.yaml", "dry_chain:", "Dry_chain: always\ndry_chain:",
     "conditions.yaml:2:1: the name of a condition is made of small letters, digits, _ and -"},
    {"conditions.yaml", "dry_chain:", "dry chain: always\ndry_chain:",
     "conditions.yaml:2:5: the name of a condition is made of small letters, digits, _ and -"},
    {"conditions.yaml", "dry_chain:", "known: always\ndry_chain:",
     "conditions.yaml:2:1: \"known\" is a word of the language and cannot be a name"},
    {"conditions.yaml", "dry_chain:", "tools: always\ndry_chain:",
     "conditions.yaml:2:1: \"tools\" is also the name of a finding\n"
     "conditions.yaml:2:1: the condition \"tools\" is never used"},
    /* findings */
    {F, "frame_cracked:\n  kind: yesno\n", "frame_cracked:\n", "findings.yaml:13:1: this finding has no \"kind\""},
    {F, "kind: set", "kind: sets", "findings.yaml:57:9: no kind is called \"sets\"; did you mean \"set\"?"},
    {F, "  short: tools\n", "", "findings.yaml:56:1: this finding has no \"short\""},
    {F, "  short: tools\n", "  shorts: tools\n",
     "findings.yaml:56:1: this finding has no \"short\"\n"
     "findings.yaml:58:3: a finding has no key \"shorts\"; did you mean \"short\"?"},
    {F, "  short: tools\n", "  short: \"\"\n", "findings.yaml:58:10: a text is missing here"},
    {F, "  short: tools\n", "  short:\n", "findings.yaml:58:9: a text is missing here"},
    {F, "  short: tools\n", "  short: {a: b}\n",
     "findings.yaml:58:10: a text or a list of variants is expected here, not a map; quote a text with \": \" in it"},
    {F, "  short: tools\n", "  short: []\n",
     "findings.yaml:58:10: a text or a list of variants is expected here, not an empty list"},
    {F, "  sensitive: yes\n", "  sensitive: maybe\n", "findings.yaml:60:14: yes or no is expected here, not \"maybe\""},
    {F, "  sensitive: yes\n", "  unit: kg\n", "findings.yaml:60:3: a finding of kind set has no \"unit\""},
    {F, "sources: [Manual]", "sources: [Mannual]",
     "findings.yaml:7:13: no source named \"Mannual\"; did you mean \"Manual\"?"},
    {F, "sources: [Manual]", "sources: Manual",
     "findings.yaml:7:12: a list is expected here: [one, another], not a text"},
    {F, "sources: [Manual]", "sources: [Manual, Manual]", "findings.yaml:7:21: \"Manual\" is in this list twice"},
    {F, "  yes: [frame + crack/cracked/broken]", "  yes: frame",
     "findings.yaml:17:8: a list is expected here: [one, another], not a text"},
    {F, "[frame + crack/cracked/broken]", "[frame, [crack]]",
     "findings.yaml:17:16: a text is expected here, not a list"},
    {F, "  else: 0\n", "  else: never\n", "findings.yaml:34:9: a number is expected here, not \"never\""},
    {F, "  if: wheel_loose\n", "", "findings.yaml:33:3: \"else\" without \"if\""},
    {F, "  if: wheel_loose\n", "  if: wheel_lose\n",
     "findings.yaml:33:7: no finding or condition named \"wheel_lose\"; did you mean \"wheel_loose\"?"},
    {F, "  if: wheel_loose\n", "  if: loose_days > 3\n",
     "findings.yaml:26:1: the \"if\" of \"loose_days\" leads over too many other findings, or back to itself"},
    {F, "  of: [wheel_loose]\n", "  of: [rides_per_week]\n",
     "findings.yaml:35:7: a number measures a sign, and \"rides_per_week\" is a number itself"},
    {F, "range: [0, 3650]", "range: [10, 2]", "findings.yaml:31:10: a range goes up, from 0 or more to 60000 or less"},
    {F, "range: [0, 3650]", "range: [1, 2, 3]", "findings.yaml:31:10: a range has two numbers: [smallest, largest]"},
    {F, "range: [0, 3650]", "range: [0, lots]", "findings.yaml:31:14: a number is expected here, not \"lots\""},
    {F, "measure: days", "measure: day", "findings.yaml:30:12: no measure is called \"day\"; did you mean \"days\"?"},
    {F, "  measure: days\n", "", "findings.yaml:35:15: \"unprompted\" needs a \"measure\""},
    {F, "  near: [ride, cycling]\n", "  near: [ride, cycling]\n  unprompted: yes\n  measure: days\n",
     "findings.yaml:81:3: \"measure\" is already given in line 72"},
    {F, "  measure: count\n  per: week\n", "  measure: days\n  per: month\n  unprompted: yes\n",
     "findings.yaml:73:8: no span is called \"month\"\n"
     "findings.yaml:74:15: a lone quantity of this measure already means \"loose_days\""},
    {F, "every day: 7}", "every day: 700}", "findings.yaml:76:71: this is outside the range"},
    {F, "{never ride: 0, every day: 7}", "{never ride: no}",
     "findings.yaml:78:23: a number is expected here, not \"no\""},
    {F, "say: {self: my own, friend: a friend's}", "say: {self: my own, freind: a friend's}",
     "findings.yaml:42:23: \"whose\" has no value \"freind\"; did you mean \"friend\"?\n"
     "findings.yaml:45:5: this value needs a wording under \"say\", or a first phrase of plain words"},
    {F, "say: {self: my own,", "say: {self: \"{your} own\",",
     "findings.yaml:42:16: nothing is filled in here; leave out the braces"},
    {F, "brake: [at the brake, <brake>", "brake: [<brake>",
     "findings.yaml:53:5: this value needs a wording under \"say\", or a first phrase of plain words"},
    {F, "    self: [my bike, mine]\n", "",
     "findings.yaml:42:9: \"whose\" has no value \"self\"\n"
     "findings.yaml:43:3: a choice has 2 to 24 values"},
    {F, "    spanner: [spanner, wrench]\n", "    spanner: [spanner, wrench]\n    none: [nought]\n",
     "findings.yaml:66:5: \"none\" has a meaning of its own in guards and cannot be a value"},
    {F, "    saddle: [", "    unsure: [who knows]\n    saddle: [",
     "findings.yaml:54:5: \"unsure\" has a meaning of its own in guards and cannot be a value"},
    {F, "other: other\n", "other: othr\n",
     "findings.yaml:62:10: \"tools\" has no value \"othr\"; did you mean \"other\"?"},
    {F, "  values:\n    chain:", "  ranges: {chain: [0, 3], bell: [1, 2], brake: [5, 4]}\n  values:\n    chain:",
     "findings.yaml:51:3: \"ranges\" needs a \"measure\"\n"
     "findings.yaml:51:27: \"squeak_place\" has no value \"bell\"\n"
     "findings.yaml:51:48: a range goes up, from 0 or more"},
    /* wordings */
    {F, "Does a brake fail to hold {your} bike?", "Does {yur} brake fail?",
     "findings.yaml:4:14: nothing is called \"yur\" that could be filled in; did you mean \"your\"?"},
    {F, "Does a brake fail to hold {your} bike?", "Does {your brake fail?", "findings.yaml:4:13: a { without its }"},
    {F, "Does a brake fail to hold {your} bike?", "Does your} brake fail?", "findings.yaml:4:17: a } without its {"},
    {F, "Does a brake fail to hold {your} bike?", "\n    Does it\n    {} fail?",
     "findings.yaml:6:6: nothing is called \"\" that could be filled in"},
    {"says.yaml", "hello: Hello. Tell me what is wrong with {your} bike.", "hello: [Hello., \"Hi, {tols}.\"]",
     "says.yaml:1:23: nothing is called \"tols\" that could be filled in; did you mean \"tools\"?"},
    {"causes.yaml", "name: a dry chain", "name: a {dry} chain",
     "causes.yaml:2:11: nothing is filled in here; leave out the braces"},
    /* phrases */
    {F, "brake fluid", "brakes work",
     "findings.yaml:9:25: the phrase \"brakes work\" means something else in line 11 of findings.yaml"},
    {F, "brakes work]", "brakes work, brakes work]",
     "findings.yaml:9:38: the phrase \"brakes work\" is here already, in line 9 of findings.yaml"},
    {F, "brake fluid", "the my",
     "findings.yaml:11:9: the phrase \"the my\" is made of fillers alone and can never match"},
    {F, "<brake> does not hold", "<brak> does not hold",
     "findings.yaml:8:45: no group named \"brak\"; did you mean \"brake\"?"},
    {F, "<brake> does not hold", "<brake does not hold", "findings.yaml:8:44: a < without its >"},
    {F, "brake fluid", "brake +", "*findings.yaml:11:9: nothing on one side of the \"+\" in \"brake +\""},
    {F, "brake fluid", "\"\"", "findings.yaml:11:9: a text is missing here"},
    {F, "brake fluid", "'~'", "findings.yaml:11:9: a phrase is missing here"},
    /* words */
    {W, "fillers: [a,", "fillers: [a, a,", "words.yaml:1:14: \"a\" is in this list twice"},
    {W, "fillers:", "filler:", "words.yaml:1:1: a words file has no key \"filler\"; did you mean \"fillers\"?"},
    {W, "  deny-after:", "  deny_after:",
     "words.yaml:20:3: a list of cues has no key \"deny_after\"; did you mean \"deny-after\"?"},
    {W, "  why: [why, why do you ask]\n", "", "words.yaml:7:1: this list of commands has no \"why\""},
    {W, "help: [help]", "help: [help, bye]",
     "words.yaml:12:16: the phrase \"bye\" means something else in line 8 of words.yaml"},
    {W, "friend: [friend,", "friend: [<brake>, friend,", "words.yaml:4:12: a group cannot stand inside a group"},
    {W, "  friend: [friend, mate, neighbour]", "  friend: [friend, mate]\n  foe: [enemy]",
     "words.yaml:5:3: the group \"foe\" is never used"},
    {W, "  friend: [friend, mate, neighbour]", "  friend: []", "*words.yaml:4:11: an empty group can never match"},
    {"words.yaml", NULL, "groups: {brake: [brake], friend: [friend]}",
     "no \"commands\" in words.yaml: the words that always work (help, back, stop ...)"},
    /* rules */
    {"triage-first.yaml", "  level: self_care\n", "", "triage-first.yaml:1:1: this rule has no \"level\""},
    {"triage-first.yaml", "level: self_care", "level: selfcare",
     "triage-first.yaml:2:10: no level is called \"selfcare\"; did you mean \"self_care\"?"},
    {"triage-first.yaml", "  sources: [Manual]\n", "", "triage-first.yaml:1:1: this rule has no \"sources\""},
    {"triage-first.yaml", "  sources: [Manual]\n", "  sources: []\n",
     "triage-first.yaml:5:12: a rule has at least one source"},
    {"triage-first.yaml", "basis: derived", "basis: hearsay",
     "triage-first.yaml:6:10: the basis of a rule is \"source\" or \"derived\", not \"hearsay\""},
    {"triage-first.yaml", "  do: Get", "  say: Get", "triage-first.yaml:11:3: a rule has no key \"say\""},
    /* causes, remedies, topics, says, sources */
    {"causes.yaml", "give: 3,", "give: three,", "causes.yaml:4:29: a number is expected here, not \"three\""},
    {"causes.yaml", "remedies: [oil-chain]", "remedies: [oil-chains]",
     "causes.yaml:11:14: no remedy named \"oil-chains\"; did you mean \"oil-chain\"?"},
    {"causes.yaml", "  points:\n", "  points: []\n  pints:\n",
     "causes.yaml:3:11: without points this cause is never told\n"
     "causes.yaml:4:3: a cause has no key \"pints\"; did you mean \"points\"?\n"
     "conditions.yaml:2:1: the condition \"dry_chain\" is never used"},
    {"remedies.yaml", "\"tools has any of spanner, other\"", "tools has any of spanner, other",
     "remedies.yaml:5:38: a caution has no key \"other\"; a text with a comma in it wants quotes inside { }"},
    {"remedies.yaml", "ring-bell:", "sing-song: {say: La., sources: [CLUB-1]}\nring-bell:",
     "remedies.yaml:8:1: the remedy \"sing-song\" is never used by a cause or as a comfort"},
    {"topics.yaml", "  title: What does it cost?\n", "", "topics.yaml:1:1: this topic has no \"title\""},
    {"says.yaml", "noted: Noted. It changes nothing.\n", "", "no say named \"noted\", which every dialog needs"},
    {"says.yaml", "noted:", "goodbye: Bye.\nnoted:", "says.yaml:17:1: the say \"goodbye\" is never used"},
    {"sources.yaml", "Manual: {title: The rider's manual,", "Manual: {tite: The rider's manual,",
     "sources.yaml:1:1: this source has no \"title\"\n"
     "sources.yaml:1:10: a source has no key \"tite\"; did you mean \"title\"?"},
    {"sources.yaml", "CLUB-1:", "MAP: {title: A map}\nCLUB-1:", "sources.yaml:2:1: the source \"MAP\" is never used"},
    /* places */
    {"places.yaml",
     "gb:", "gbr:", "places.yaml:3:1: a place is \"default\" or a country of two letters, such as \"gb\""},
    {"places.yaml", "gb: {club:", "gb: {culb:", "places.yaml:3:6: \"default\" has no \"culb\"; did you mean \"club\"?"},
    {"places.yaml", "default: {", "default: {tools: x, ", "places.yaml:1:11: \"tools\" is also the name of a finding"},
    {"places.yaml", "default: {mechanic_number: the nearest workshop, club: the cycling club}\n", "",
     "no \"default\" in places.yaml: what is said where the country is not known"},
    /* settings, states, screens */
    {D, "start: hello", "start: hallo", "dialog.yaml:4:8: no state named \"hallo\"; did you mean \"hello\"?"},
    {D, "start: hello\n", "", "no \"start\" in dialog.yaml"},
    {D, "start: hello\n", "start: hello\ncomforts: x\n",
     "dialog.yaml:5:1: dialog.yaml has no setting \"comforts\"; did you mean \"comfort\"?"},
    {D, "comfort: [ring-bell]", "comfort: [ring-bel]",
     "dialog.yaml:6:11: no remedy named \"ring-bel\"; did you mean \"ring-bell\"?"},
    {D, "about-other: whose is friend", "about-other: whose is fiend",
     "dialog.yaml:5:23: \"whose\" has no value \"fiend\"; did you mean \"friend\"?"},
    {D, "  urgent: {title: See a mechanic today, say: Have it looked at today. Push it there.}\n", "",
     "no level \"urgent\" under \"levels\" in dialog.yaml"},
    {D, "  urgent: {title", "  urgnt: {title",
     "no level \"urgent\" under \"levels\" in dialog.yaml\n"
     "dialog.yaml:10:3: no level is called \"urgnt\"; did you mean \"urgent\"?"},
    {D, "next: course}", "next: coarse}", "dialog.yaml:23:70: no state named \"coarse\"; did you mean \"course\"?"},
    {D, "  after: {listen", "  lonely: {listen: yes}\n  after: {listen",
     "dialog.yaml:27:3: the state \"lonely\" cannot be reached"},
    {D, "listen: true, otherwise: anything-else", "otherwise: anything-else",
     "dialog.yaml:27:3: the state \"after\" neither listens nor goes on\n"
     "dialog.yaml:27:11: \"otherwise\" without \"listen\""},
    {D, "[level, because], [causes", "[level, becuase], [causes",
     "dialog.yaml:26:29: no say named \"becuase\", and no part of the advice; did you mean \"because\"?"},
    {D, "advise: [[level, because]], next: pushing", "advise: [level], next: pushing",
     "dialog.yaml:28:26: a list is expected here: [one, another], not a text"},
    {D, "settle: [routine, self_care]", "settle: [routin]",
     "dialog.yaml:24:58: no level is called \"routin\"; did you mean \"routine\"?"},
    {D, "with: [danger, whose]", "with: [danger, whos]",
     "dialog.yaml:23:56: no screen or finding named \"whos\"; did you mean \"whose\"?"},
    {D, "settle: [gates], next", "with: [danger], next", "dialog.yaml:25:10: \"with\" without \"settle\""},
    {D, "say: [hello]", "say: [helo]", "dialog.yaml:22:17: no say named \"helo\"; did you mean \"hello\"?"},
    {D, "      - {if: brake_failed is unsure, go: safety}\n      - after\n",
     "      - after\n      - {if: brake_failed is unsure, go: safety}\n",
     "dialog.yaml:32:9: what stands behind a plain state is never reached; only the last one is plain\n"
     "dialog.yaml:33:9: the last of \"next\" is a plain state, for when no guard before it holds"},
    {D, "go: stop_riding}", "goto: stop_riding}",
     "dialog.yaml:28:3: the state \"stop_riding\" cannot be reached\n"
     "dialog.yaml:29:3: the state \"pushing\" cannot be reached\n"
     "dialog.yaml:36:5: this branch has no \"go\"\n"
     "dialog.yaml:36:30: a branch has no key \"goto\"; did you mean \"go\"?"},
    {D, "list: [brake_failed, frame_cracked, wheel_loose]", "list: [brake_failed]",
     "dialog.yaml:17:11: a screen lists 2 to 16 findings"},
    {D, "states:\n", "  tools:\n    ask: Tools?\n    list: [whose, brake_failed]\nstates:\n",
     "dialog.yaml:21:3: \"tools\" is also the name of a finding\n"
     "dialog.yaml:21:3: the screen \"tools\" is never used\n"
     "dialog.yaml:23:11: \"brake_failed\" is in the screen \"danger\" already"},
    {D, "    list: [brake_failed, frame_cracked, wheel_loose]\n", "", "dialog.yaml:15:3: this screen has no \"list\""},
};

static struct str printed(struct fixture *f) {
    struct buf b;
    buf_init(&b, &f->arena);
    for (size_t i = 0; i < f->problems.count; i++) {
        const struct problem *p = &f->problems.items[i];
        buf_printf(&b, "%s%.*s", i ? "\n" : "", STR_ARG(p->file));
        if (p->line)
            buf_printf(&b, ":%u:%u", p->line, p->column);
        buf_printf(&b, "%s%.*s", p->file.len ? ": " : "", STR_ARG(p->message));
    }
    return buf_str(&b);
}

/* Behind a line that begins with "*" other problems may be told too. */
static void check_case(struct fixture *f, const struct spoilt *c) {
    struct str all = printed(f), wanted = str_of(c->problems);
    size_t lines = 0;
    bool open = false;
    for (struct str rest = wanted; rest.len > 0; lines++) {
        struct str line = str_cut(&rest, '\n');
        bool head = str_starts_with(line, STR("*"));
        line = str_slice(line, head, line.len);
        open |= head;
        struct str found = arena_printf(&f->arena, "\n%.*s\n", STR_ARG(line));
        struct str within = arena_printf(&f->arena, "\n%.*s\n", STR_ARG(all));
        if (str_find(within, found) == SIZE_MAX)
            fail_msg("%s, %s:\nnot %.*s\nbut %.*s", c->file, c->new, STR_ARG(line), STR_ARG(all));
    }
    if (!open && lines != f->problems.count)
        fail_msg("%s, %s:\nnot only %s\nbut %.*s", c->file, c->new, c->problems, STR_ARG(all));
}

static void problems_are_told(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct spoilt *c = &cases[i];
        struct fixture f;
        fixture_open(&f);
        if (c->old)
            fixture_edit(&f, c->file, c->old, c->new);
        else
            fixture_put(&f, c->file, c->new);
        struct dialog *d = fixture_load(&f);
        if (d)
            fail_msg("%s, %s: it loaded", c->file, c->new);
        check_case(&f, c);
        fixture_close(&f);
    }
}

/* ---- whole folders ---- */

static void assert_told(struct fixture *f, const char *problem) {
    assert_null(fixture_load(f));
    struct str all = printed(f);
    if (str_find(all, str_of(problem)) == SIZE_MAX)
        fail_msg("not \"%s\" but %.*s", problem, STR_ARG(all));
    fixture_close(f);
}

static void no_files(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.count = 0;
    assert_told(&f, "no .yaml file here");
}

static void only_empty_files(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < f.count; i++)
        f.files[i].bytes = STR("# nothing\n");
    assert_null(fixture_load(&f));
    struct str all = printed(&f);
    static const char *const missing[] = {"no finding is defined",         "no \"states\" in dialog.yaml",
                                          "no \"start\" in dialog.yaml",   "no \"default\" in places.yaml",
                                          "no \"commands\" in words.yaml", "no say named \"help\""};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        if (str_find(all, str_of(missing[i])) == SIZE_MAX)
            fail_msg("not \"%s\" but %.*s", missing[i], STR_ARG(all));
    fixture_close(&f);
}

static void too_many_files(void **state) {
    (void)state;
    struct dialog_file files[LOAD_FILES_MAX + 1] = {{STR_NONE, STR_NONE}};
    struct problems p;
    problems_init(&p);
    assert_null(dialog_load(files, LOAD_FILES_MAX + 1, &p));
    assert_int_equal(p.count, 1);
    assert_str(p.items[0].message, "a dialog has at most 64 files");
    problems_finish(&p);
}

/* All problems of all files come at once, sorted; those past the limit are counted. */
static void many_problems(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct buf b;
    buf_init(&b, &f.arena);
    for (int i = 0; i < 150; i++)
        buf_printf(&b, "c%03d: nothing_of_%03d\n", i, i);
    fixture_put(&f, "conditions-more.yaml", b.ptr);
    fixture_edit(&f, "causes.yaml", "give: 3", "give: x");
    assert_null(fixture_load(&f));
    assert_int_equal(f.problems.count, LOAD_PROBLEMS_MAX);
    assert_int_equal(f.problems.left_out, 150 + 1 + 150 - LOAD_PROBLEMS_MAX); /* wrong, and never used */
    for (size_t i = 1; i < f.problems.count; i++) {
        const struct problem *p = &f.problems.items[i - 1], *q = &f.problems.items[i];
        int order = str_compare(p->file, q->file);
        assert_true(order < 0 || (order == 0 && p->line <= q->line));
    }
    fixture_close(&f);
}

/* ---- hostile bytes ---- */

static char *repeated(struct fixture *f, const char *head, const char *part, unsigned times) {
    struct buf b;
    buf_init(&b, &f->arena);
    buf_printf(&b, "%s", head);
    for (unsigned i = 0; i < times; i++)
        buf_printf(&b, "%s", part);
    return b.ptr;
}

static void assert_hostile(const char *head, const char *part, unsigned times, const char *problem) {
    struct fixture f;
    fixture_open(&f);
    fixture_put(&f, "topics-more.yaml", repeated(&f, head, part, times));
    assert_told(&f, problem);
}

static void deep_nesting(void **state) {
    (void)state;
    const char *deep = ": lists and maps are nested too deep";
    assert_hostile("", "[", 1000000, deep);
    assert_hostile("", "{", 1000000, "topics-more.yaml:1:2: a key must be a text");
    assert_hostile("", "{a: ", 200000, deep);
    assert_hostile("", "- ", 500000, deep);
    assert_hostile("", "? ", 500000, "topics-more.yaml:1:3: a key must be a text");
    assert_hostile("a: ", "[[", 500000, deep);
}

static void alias_bombs(void **state) {
    (void)state;
    assert_hostile("a: &a [x]\n", "b: [*a, *a]\n", 1, "anchors (&) and tags (!) are not used here");
    assert_hostile("", "- *a\n", 1, "aliases (*) are not used here");
}

static void many_nodes(void **state) {
    (void)state;
    assert_hostile("a: [", "x,", 60000, ": the file has too many entries; split it in two");
    assert_hostile("", "[],", 3, ": not YAML: ");
}

static void large_files(void **state) {
    (void)state;
    assert_hostile("# ", "xxxxxxxxxxxxxxxx", LOAD_FILE_BYTES_MAX / 16,
                   "topics-more.yaml: the file has more than 1048576 bytes; split it");
    assert_hostile("a: ", "xxxxxxxxxxxxxxxx", LOAD_FILE_BYTES_MAX / 16 - 1,
                   "topics-more.yaml:1:4: a map is expected here");
    assert_hostile("", "a: x\n", 100000, "topics-more.yaml:2:1: \"a\" is already given in line 1");
}

/* The same key many times, and many keys: neither may cost the square of it. */
static void many_keys(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct buf b;
    buf_init(&b, &f.arena);
    for (int i = 0; i < 24000; i++)
        buf_printf(&b, "k%d: {}\n", i);
    fixture_put(&f, "topics-more.yaml", b.ptr);
    assert_null(fixture_load(&f));
    assert_int_equal(f.problems.count, LOAD_PROBLEMS_MAX);
    assert_int_equal(f.problems.left_out, 24000 * 3 - LOAD_PROBLEMS_MAX); /* title, ask, say */
    fixture_close(&f);
}

static void binary(void **state) {
    (void)state;
    struct fixture f;
    char bytes[4096];
    unsigned random = 1;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)((random = random * 1664525u + 1013904223u) >> 24);
        fixture_open(&f);
        *fixture_file(&f, "topics.yaml") = (struct str){bytes, sizeof bytes};
        assert_null(fixture_load(&f));
        assert_int_equal(f.problems.count, 1);
        fixture_close(&f);
    }
}

/* A NUL and a byte-order mark. */
static void marks(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    *fixture_file(&f, "topics.yaml") = (struct str){"a: b\0c", 6};
    assert_told(&f, "topics.yaml:1:5: a NUL byte: this is not a text file");

    fixture_open(&f);
    struct str *says = fixture_file(&f, "says.yaml");
    *says = arena_printf(&f.arena, "\xef\xbb\xbf%.*s", STR_ARG(*says));
    struct dialog *d = fixture_load(&f);
    assert_non_null(d);
    dialog_free(d);
    fixture_edit(&f, "says.yaml", "{your}", "{yur}");
    assert_told(&f, "says.yaml:1:43: nothing is called \"yur\""); /* the mark takes no column */
}

/* Each file cut at each of its bytes: an error or a dialog, and nothing else. */
static void every_cut(void **state) {
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (size_t i = 0; i < f.count; i++) {
        struct str whole = f.files[i].bytes;
        for (size_t cut = 0; cut < whole.len; cut += 7) {
            problems_finish(&f.problems);
            /* A block of its own, so that a step over the end is seen. */
            char *head = malloc(cut + 1);
            memcpy(head, whole.ptr, cut);
            char *exact = cut ? realloc(head, cut) : head;
            f.files[i].bytes = (struct str){exact, cut};
            struct dialog *d = fixture_load(&f);
            assert_true(d || f.problems.count > 0);
            dialog_free(d);
            free(exact);
        }
        f.files[i].bytes = whole;
    }
    fixture_close(&f);
}

/* ---- folders on disk ---- */

static void folders(void **state) {
    (void)state;
    struct problems p;
    problems_init(&p);
    assert_null(dialog_load_dir("tests/data/no such folder", &p));
    assert_int_equal(p.count, 1);
    assert_str(p.items[0].message, "No such file or directory");
    problems_finish(&p);
    assert_null(dialog_load_dir("tests/data/mini/says.yaml", &p));
    assert_str(p.items[0].message, "Not a directory");
    problems_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_told), cmocka_unit_test(no_files),      cmocka_unit_test(only_empty_files),
        cmocka_unit_test(too_many_files),    cmocka_unit_test(many_problems), cmocka_unit_test(deep_nesting),
        cmocka_unit_test(alias_bombs),       cmocka_unit_test(many_nodes),    cmocka_unit_test(large_files),
        cmocka_unit_test(many_keys),         cmocka_unit_test(binary),        cmocka_unit_test(marks),
        cmocka_unit_test(every_cut),         cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
