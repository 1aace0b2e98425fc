/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * What grant_covers() says of a tree and a path, against what the real parser makes of the tree's rule:
 * TRUE where the compiled profile does not allow the path would cost a VM a rule that it needs.
 */

#include "grant/grant.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/compiler.h"
#include "kernel/dfa.h"
#include "rules/rules.h"

/* exact: covered where it is allowed, besides never where it is not */
static const struct {
    const char *tail;
    gboolean exact;
} trees[] = {
    {"/{,**}", TRUE}, {"/**", TRUE},     {"/*", TRUE},  {"/", FALSE},
    {"", FALSE},      {"/*.log", FALSE}, {"**", FALSE}, {"*", FALSE},
};

static const char *const paths[] = {
    "/d",  "/d/",  "/d/f", "/d/f.log", "/d/a/",  "/d/a/b", "/d/a/b/",
    "/df", "/e/f", "/d/*", "/d/\n",    "/d/a\\", "/",      "/d/\377",
};

static DfaPolicy *
compile(GPtrArray *grants)
{
    Compiler compiler = {.parser = APPARMOR_PARSER};
    g_autoptr(GString) text = g_string_new("profile x {\n");
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;
    DfaPolicy *policy;

    ck_assert(rules_render(grants, text, NULL));
    g_string_append(text, "}\n");
    ck_assert_msg(compiler_run(&compiler, COMPILER_COMPILE, text->str, text->len, &result, &error),
                  "%s\n%s", error ? error->message : "", text->str);
    policy = dfa_policy_new(g_bytes_get_data(result.binary, NULL), g_bytes_get_size(result.binary),
                            &error);
    ck_assert_msg(policy != NULL, "%s", error ? error->message : "");
    return policy;
}

START_TEST(test_tree)
{
    const char *tail = trees[_i].tail;
    g_autoptr(GPtrArray) grants = grants_new();
    g_autoptr(GPtrArray) files = grants_new();
    const Grant *tree = grant_pattern(grants, "", "/d", tail, PERM_R);
    g_autoptr(DfaPolicy) policy = compile(grants);
    guint n_allowed = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        gboolean covers = grant_covers(tree, grant_literal(files, paths[i], PERM_R));
        gboolean allowed;
        DfaAnswer answer;

        ck_assert(dfa_policy_file(policy, "x", paths[i], strlen(paths[i]), FALSE, &answer, NULL));
        allowed = (answer.allow & DFA_READ) != 0;
        n_allowed += allowed ? 1 : 0;
        ck_assert_msg(allowed || !covers, "/d%s does not allow %s", tail, paths[i]);
        ck_assert_msg(covers || !allowed || !trees[_i].exact, "/d%s allows %s", tail, paths[i]);
    }
    /* the question was not put to a profile that allows nothing */
    ck_assert_msg(n_allowed > 0, "/d%s", tail);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("covers");
    TCase *tc = tcase_create("covers");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_tree, 0, G_N_ELEMENTS(trees));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
