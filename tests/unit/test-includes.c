/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/includes.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy-fixture.h"

/* What is not seen to have changed is taken for what the kernel has. Each row has one change. */

/* @text, @configuration: "%s" is the directory of all files */
static char *
digest(const char *text, const char *configuration)
{
    const char *dirs[] = {path, NULL};
    g_auto(GStrv) text_parts = g_strsplit(text, "%s", -1);
    g_auto(GStrv) parts = g_strsplit(configuration, "%s", -1);
    g_autofree char *whole = g_strjoinv(path, text_parts);
    g_autofree char *options = g_strjoinv(path, parts);
    g_autofree char *file = g_build_filename(path, "parser.conf", NULL);
    const IncludesParser parser = {"/proc/self/exe", file};

    put("parser.conf", options);
    return includes_digest(whole, dirs, &parser);
}

static const struct {
    const char *text;
    const char *configuration;
    const char *changes; /* this file; NULL: it cannot be told what is included */
} rows[] = {
    {"include <abs/x>\n", "", "abs/x"},
    {"#include <abs/x>\n", "", "abs/x"},
    {"include if exists <abs/x>\n", "", "abs/x"},
    {"  /foo r, include\t<abs/x>\n", "", "abs/x"},
    {"include \"%s/abs/x\"\n", "", "abs/x"},
    {"include %s/abs/x\n", "", "abs/x"},
    {"include <abs>\n", "", "abs/x"},
    {"include <a name>\n", "", "a name"},
    /* the parser takes quotes within the brackets for nothing */
    {"include <\"abs/x\">\n", "", "abs/x"},
    {"#include if exists <\"abs\">\n", "", "abs/x"},
    {"abi <\"abs/x\">,\n", "", "abs/x"},
    {"abi <abs/x>,\n", "", "abs/x"},
    {"#include<abs/x>\n", "", "abs/x"},
    {"abi<abs/x>,\n", "", "abs/x"},
    /* a directory that was seen in another one, whose files did not count there */
    {"include <abs>\ninclude <abs/dir>\n", "", "abs/dir/y"},
    {"include <abs/dir>\ninclude <abs>\n", "", "abs/dir/y"},
    /* of the parser's own */
    {"", "policy-features=%s/features\n", "features"},
    {"", "  Policy-Features = \"%s/features\"\n", "features"},
    {"", "warn=all\nkernel-features=%s/features", "features"},
    {"", "override-policy-abi=%s/features", "features"},
    {"", "policy-features=features\n", NULL},
    {"", "policy-features\n", NULL},
    {"", "Include=%s/abs\n", NULL},
    {"", "base=%s/abs\n", NULL},
};

START_TEST(test_changes)
{
    g_autofree char *below = g_build_filename(path, "abs/dir", NULL);
    g_autofree char *before = NULL;
    g_autofree char *again = NULL;
    g_autofree char *after = NULL;

    ck_assert_int_eq(g_mkdir_with_parents(below, 0755), 0);
    put("abs/x", "  /a r,\n");
    put("abs/dir/y", "  /a r,\n");
    put("a name", "  /a r,\n");
    put("features", "caps {mask {chown\n}\n}\n");
    before = digest(rows[_i].text, rows[_i].configuration);
    again = digest(rows[_i].text, rows[_i].configuration);
    ck_assert_msg((before == NULL) == (rows[_i].changes == NULL), "row %d: %s", _i, before);
    ck_assert_msg(g_strcmp0(before, again) == 0, "row %d changes by itself", _i);
    if (!rows[_i].changes)
        return;
    put(rows[_i].changes, "  /b r,\n");
    after = digest(rows[_i].text, rows[_i].configuration);
    ck_assert_msg(g_strcmp0(before, after) != 0, "row %d: the change is not seen", _i);
}
END_TEST

/* What is not included is compiled for nothing. */
static const char *const others[] = {"included <abs/x>\n", "include <abs/z>\n"};

START_TEST(test_others)
{
    g_autofree char *below = g_build_filename(path, "abs", NULL);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    ck_assert_int_eq(g_mkdir_with_parents(below, 0755), 0);
    put("abs/x", "  /a r,\n");
    before = digest(others[_i], "");
    put("abs/x", "  /b r,\n");
    after = digest(others[_i], "");
    ck_assert_ptr_nonnull(before);
    ck_assert_msg(g_strcmp0(before, after) == 0, "%s", others[_i]);
}
END_TEST

START_TEST(test_comments_are_no_options)
{
    g_autofree char *plain = digest("", "#policy-features=features\n # Include=/x\ncache-loc=/x\n");

    ck_assert(plain != NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("includes");
    TCase *tc = tcase_create("includes");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_changes, 0, G_N_ELEMENTS(rows));
    tcase_add_loop_test(tc, test_others, 0, G_N_ELEMENTS(others));
    tcase_add_test(tc, test_comments_are_no_options);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
