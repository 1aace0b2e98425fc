/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/glob.h"

#include <check.h>
#include <stdlib.h>

/* What apparmor.d(5) says of its patterns. */
static const struct {
    const char *pattern;
    const char *path;
    gboolean matches;
} rows[] = {
    {"/a", "/a", TRUE},
    {"/a", "/ab", FALSE},
    {"/a", "/a/", FALSE},
    {"/a.b", "/axb", FALSE},
    {"/a/*", "/a/b", TRUE},
    {"/a/*", "/a/", FALSE},
    {"/a/*", "/a/b/c", FALSE},
    {"/a/*/", "/a//", FALSE},
    {"/a/b*", "/a/b", TRUE},
    {"/a/**", "/a/b/c", TRUE},
    {"/a/**", "/a/", FALSE},
    {"/a/**", "/a/b\nc", TRUE},
    {"/a/{,**}", "/a/", TRUE},
    {"/a/{,**}", "/a/b/", TRUE},
    {"/a?", "/ab", TRUE},
    {"/a?", "/a/", FALSE},
    {"/a[0-9]*", "/a1x", TRUE},
    {"/a[^0-9]", "/a1", FALSE},
    {"/{usr/,}lib{,64}/x", "/usr/lib64/x", TRUE},
    {"/{usr/,}lib{,64}/x", "/lib/x", TRUE},
    {"/{usr/,}lib{,64}/x", "/usr/x", FALSE},
    {"/a\\*", "/a*", TRUE},
    {"/a\\*", "/ab", FALSE},
    {"/a,b", "/a,b", TRUE},
    {"/a(b|c)", "/ab", FALSE},
    {"@{PROC}/@{pid}/maps", "/proc/12/maps", TRUE},
    {"@{PROC}/@{pid}/maps", "/proc/x/maps", FALSE},
    {"@{HOME}/x", "/home/user/x", TRUE},
    {"@{HOME}/x", "/root/x", TRUE},
    {"@{HOME}/x", "/home//x", FALSE},
};

START_TEST(test_glob)
{
    g_autoptr(GHashTable) variables = glob_variables_new();
    g_autoptr(GString) expression = g_string_new(NULL);

    glob_variable_add(variables, "PROC", "/proc/");
    glob_variable_add(variables, "pid", "[1-9]*");
    glob_variable_add(variables, "HOMEDIRS", "/home/");
    glob_variable_add(variables, "HOME", "@{HOMEDIRS}/*/");
    glob_variable_add(variables, "HOME", "/root/");
    ck_assert_msg(glob_append(expression, rows[_i].pattern, variables), "%s", rows[_i].pattern);
    ck_assert_msg(glob_matches(expression, rows[_i].path) == rows[_i].matches, "%s %s: %s",
                  rows[_i].pattern, rows[_i].path, expression->str);
}
END_TEST

START_TEST(test_what_is_no_pattern)
{
    static const char *const bad[] = {"/@{none}/x", "/a{b", "@{loop}", "/@{open"};
    g_autoptr(GHashTable) variables = glob_variables_new();

    glob_variable_add(variables, "loop", "@{loop}/x");
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GString) expression = g_string_new(NULL);

        ck_assert_msg(!glob_append(expression, bad[i], variables), "%s", bad[i]);
    }
}
END_TEST

START_TEST(test_literal)
{
    g_autoptr(GString) expression = g_string_new(NULL);

    glob_append_literal(expression, "/a.*[b]{c}\\d\xff");
    ck_assert(glob_matches(expression, "/a.*[b]{c}\\d\xff"));
    ck_assert(!glob_matches(expression, "/axx[b]{c}\\d\xff"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("glob");
    TCase *tc = tcase_create("glob");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_glob, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tc, test_what_is_no_pattern);
    tcase_add_test(tc, test_literal);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
