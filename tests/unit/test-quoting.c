/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The property that quoting is for: rules made of arbitrary names allow exactly these names. Each round
 * makes hostile names, has the real parser compile one rule for each, and lists every path that the
 * compiled profile allows.
 */

#include "rules/rules.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/compiler.h"
#include "kernel/dfa.h"

#define ROUNDS          40
#define NAMES_A_ROUND   20
#define COMPONENT_BYTES 12
#define SEED            20250801

/* Pieces that mean something to the parser, its patterns, its variables or its escapes. */
static const char *const pieces[] = {
    "*",    "**",       "?",   "[",     "]",     "[a-z]", "[^/]", "{",    "}",       "{a,b}",
    "{,*}", "^",        "\\",  "\\\\",  "\"",    ",",     "@",    "@{",   "@{HOME}", "#",
    "# ",   " ",        "  ",  "\t",    "\n",    "\r",    "\001", "\033", "\177",    "\200",
    "\377", "\303\244", "\\n", "\\x41", "\\101", "0",     "7",    "a",    "d",       "n",
    "$",    "%",        "!",   "<",     ">",     "|",     "&",    ";",    "(",       ")",
    "'",    "`",        "~",   "=",     "+",     ":",     ".",    "..",   "rw,",     "\" rwx,\n",
};

static char *
hostile_name(GRand *random)
{
    GString *name = g_string_new("/top/");
    gint n = g_rand_int_range(random, 1, COMPONENT_BYTES);

    for (gint i = 0; i < n; i++) {
        gint what = g_rand_int_range(random, 0, 8);

        if (what == 0) {
            char byte = (char)g_rand_int_range(random, 1, 256);

            if (byte != '/')
                g_string_append_c(name, byte);
        } else if (what == 1 && name->str[name->len - 1] != '/') {
            g_string_append_c(name, '/');
        } else {
            g_string_append(name, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
        }
    }
    if (name->str[name->len - 1] == '/')
        g_string_append_c(name, 'z');
    return g_string_free(name, FALSE);
}

static int
compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Compiles a profile "x" with @rules, and lists what it allows to read. */
static GPtrArray *
allowed_paths(const char *rules)
{
    g_autofree char *text =
        g_strdup_printf("#include <tunables/global>\nprofile x {\n%s}\n", rules);
    Compiler compiler = {.parser = APPARMOR_PARSER};
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(DfaPolicy) policy = NULL;
    g_autoptr(GError) error = NULL;
    GPtrArray *paths;

    ck_assert_msg(compiler_run(&compiler, COMPILER_COMPILE, text, strlen(text), &result, &error),
                  "%s\n%s", error ? error->message : "", text);
    policy = dfa_policy_new(g_bytes_get_data(result.binary, NULL), g_bytes_get_size(result.binary),
                            &error);
    ck_assert_msg(policy != NULL, "%s", error ? error->message : "");
    paths = dfa_policy_paths(policy, "x", DFA_READ, 2 * NAMES_A_ROUND, &error);
    ck_assert_msg(paths != NULL, "%s\n%s", error ? error->message : "", text);
    return paths;
}

START_TEST(test_exactly_these)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(SEED + (guint32)_i);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) rules = g_string_new(NULL);
    g_autoptr(GPtrArray) paths = NULL;

    for (int i = 0; i < NAMES_A_ROUND; i++) {
        char *name = hostile_name(random);

        if (!g_hash_table_add(seen, name)) {
            g_free(name);
            continue;
        }
        g_ptr_array_add(names, name);
        g_string_append(rules, "  \"");
        ck_assert(rules_append_literal(rules, name, NULL));
        g_string_append(rules, "\" r,\n");
    }
    g_ptr_array_sort(names, compare_strings);

    paths = allowed_paths(rules->str);
    ck_assert_msg(paths->len == names->len, "round %d: %u names, %u paths\n%s", _i, names->len,
                  paths->len, rules->str);
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        GBytes *path = g_ptr_array_index(paths, i);

        ck_assert_msg(g_bytes_get_size(path) == strlen(name) &&
                          memcmp(g_bytes_get_data(path, NULL), name, strlen(name)) == 0,
                      "round %d: %s", _i, name);
    }
}
END_TEST

START_TEST(test_every_byte)
{
    g_autoptr(GString) rules = g_string_new("  \"/top/");
    g_autoptr(GString) all = g_string_new("/top/");
    g_autoptr(GPtrArray) paths = NULL;
    GBytes *path;

    for (int byte = 1; byte < 256; byte++)
        if (byte != '/')
            g_string_append_c(all, (char)byte);
    ck_assert(rules_append_literal(rules, all->str + strlen("/top/"), NULL));
    g_string_append(rules, "\" r,\n");
    paths = allowed_paths(rules->str);
    ck_assert_int_eq(paths->len, 1);
    path = g_ptr_array_index(paths, 0);
    ck_assert_uint_eq(g_bytes_get_size(path), all->len);
    ck_assert_int_eq(memcmp(g_bytes_get_data(path, NULL), all->str, all->len), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("quoting");
    TCase *tc = tcase_create("quoting");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_exactly_these, 0, ROUNDS);
    tcase_add_test(tc, test_every_byte);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
