/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/rules.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

static const struct {
    const char *name;
    const char *bytes;
    const char *spelled;
} literals[] = {
    {"plain", "/var/lib/libvirt/images/a-b_c.1.qcow2", "/var/lib/libvirt/images/a-b_c.1.qcow2"},
    {"space", "/a b", "/a b"},
    {"trailing space", "/a ", "/a "},
    {"quote", "/a\"b", "/a\\042b"},
    {"backslash", "/a\\b", "/a\\134b"},
    {"backslash at the end", "/a\\", "/a\\134"},
    {"star", "/a*", "/a\\052"},
    {"two stars", "/a**", "/a\\052\\052"},
    {"question mark", "/a?", "/a\\077"},
    {"brackets", "/a[0-9]", "/a\\1330-9\\135"},
    {"braces", "/a{b,c}", "/a\\173b,c\\175"},
    {"variable", "/@{HOME}", "/@\\173HOME\\175"},
    {"caret and comma", "/a^b,c", "/a^b,c"},
    {"newline", "/a\nb", "/a\\012b"},
    {"tab", "/a\tb", "/a\\011b"},
    {"control", "/a\001b\177", "/a\\001b\\177"},
    {"digits after a control", "/a\0017", "/a\\0017"},
    {"UTF-8", "/\303\244", "/\303\244"},
    {"not UTF-8", "/\377\200", "/\377\200"},
    {"comment and others", "/a#b!c$d%e&f'g(h);<>|`~", "/a#b!c$d%e&f'g(h);<>|`~"},
    {"empty", "", ""},
};

START_TEST(test_literals)
{
    g_autoptr(GString) out = g_string_new("before ");
    g_autofree char *expected = g_strconcat("before ", literals[_i].spelled, NULL);

    ck_assert_msg(rules_append_literal(out, literals[_i].bytes, NULL), "%s", literals[_i].name);
    ck_assert_msg(g_str_equal(out->str, expected), "%s: %s", literals[_i].name, out->str);
}
END_TEST

START_TEST(test_too_long)
{
    g_autofree char *stars = g_strnfill(LIMIT_PATH_BYTES + 1, '*');
    g_autoptr(GString) out = g_string_new("before");
    g_autoptr(GError) error = NULL;

    ck_assert(!rules_append_literal(out, stars, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT));
    ck_assert_str_eq(out->str, "before");
}
END_TEST

static const struct {
    const char *name;
    guint n;
    guint len;       /* of each, without the end of the line */
    gboolean random; /* the names have nothing in common */
    gboolean ok;
} sizes[] = {
    {"none", 0, 0, FALSE, TRUE},
    {"one, as long as can be", 1, LIMIT_PATH_BYTES - 1, FALSE, TRUE},
    {"two of them", 2, LIMIT_PATH_BYTES - 1, FALSE, FALSE},
    {"as many as may be", LIMIT_RULES - 1, 80, FALSE, TRUE},
    {"one more", LIMIT_RULES, 10, FALSE, FALSE},
    {"long names", 1000, 129, FALSE, TRUE},
    {"longer ones", 1000, 130, FALSE, FALSE},
    {"random names", 500, 99, TRUE, TRUE},
    {"more of them", 510, 99, TRUE, FALSE},
};

START_TEST(test_sizes)
{
    g_autofree char *line = g_strnfill(sizes[_i].len, 'x');
    g_autoptr(GString) rules = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < sizes[_i].n; i++) {
        if (sizes[_i].random) {
            line[0] = (char)('0' + i % 64);
            line[1] = (char)('0' + i / 64);
        }
        g_string_append_printf(rules, "%s\n", line);
    }
    ck_assert_msg(rules_check_size(rules->str, &error) == sizes[_i].ok, "%s", sizes[_i].name);
    ck_assert_msg(sizes[_i].ok || g_error_matches(error, BASE_ERROR, BASE_ERROR_LIMIT), "%s",
                  sizes[_i].name);
}
END_TEST

static Grant
grant_of(GrantKind kind, const char *before, const char *literal, const char *after, Perms perms)
{
    Grant grant = {.kind = kind,
                   .before = (char *)before,
                   .literal = (char *)literal,
                   .after = (char *)after,
                   .perms = perms};

    return grant;
}

START_TEST(test_render)
{
    Grant file = grant_of(GRANT_ALLOW, "", "/a b*", "", PERM_R | PERM_W | PERM_K);
    Grant tree = grant_of(GRANT_ALLOW, "", "/s[", "/**", PERM_R | PERM_W | PERM_L);
    Grant fixed = grant_of(GRANT_ALLOW, "/dev/vfio/[0-9]*", "", "", PERM_R | PERM_W);
    Grant mixed = grant_of(GRANT_ALLOW, "/run/**/", "na?me", ".pid", PERM_R);
    Grant deny = grant_of(GRANT_DENY_WRITE, "", "/k", "", PERM_W);
    Grant note = grant_of(GRANT_NOTE, "", "", "", PERM_R);
    g_autoptr(GPtrArray) grants = g_ptr_array_new();
    g_autoptr(GString) out = g_string_new(NULL);

    note.text = (char *)"why";
    g_ptr_array_add(grants, &file);
    g_ptr_array_add(grants, &tree);
    g_ptr_array_add(grants, &fixed);
    g_ptr_array_add(grants, &mixed);
    g_ptr_array_add(grants, &note);
    g_ptr_array_add(grants, &deny);
    g_ptr_array_add(grants, &file);
    ck_assert(rules_render(grants, out, NULL));
    ck_assert_str_eq(out->str, "  \"/a b\\052\" rwk,\n"
                               "  \"/s\\133/**\" rwl,\n"
                               "  \"/dev/vfio/[0-9]*\" rw,\n"
                               "  \"/run/**/na\\077me.pid\" r,\n"
                               "  # why\n"
                               "  deny \"/k\" w,\n");
}
END_TEST

/* Every set that a rule has, in the spelling and order of libvirt's rules. */
static const struct {
    Perms perms;
    const char *text;
} perms_cases[] = {
    {PERM_R, "r"},
    {PERM_W, "w"},
    {PERM_R | PERM_W, "rw"},
    {PERM_R | PERM_K, "rk"},
    {PERM_R | PERM_W | PERM_K, "rwk"},
    {PERM_R | PERM_W | PERM_L, "rwl"},
    {PERM_R | PERM_W | PERM_L | PERM_K, "rwlk"},
    {PERM_R | PERM_M, "mr"},
    {PERM_R | PERM_W | PERM_M, "rwm"},
    {PERM_R | PERM_M | PERM_X, "rmix"},
};

START_TEST(test_perms)
{
    Grant grant = grant_of(GRANT_ALLOW, "", "/f", "", perms_cases[_i].perms);
    g_autofree char *expected = g_strdup_printf("  \"/f\" %s,\n", perms_cases[_i].text);
    g_autoptr(GPtrArray) grants = g_ptr_array_new();
    g_autoptr(GString) out = g_string_new(NULL);

    g_ptr_array_add(grants, &grant);
    ck_assert(rules_render(grants, out, NULL));
    ck_assert_msg(g_str_equal(out->str, expected), "%s: %s", perms_cases[_i].text, out->str);
}
END_TEST

static const struct {
    const char *name;
    Origin origin;
    const char *prefix;
} origins[] = {
    {"element and line", {"disk 'vda'", 12}, "line 12: disk 'vda': the path is too long"},
    {"element", {"extra file", 0}, "extra file: the path is too long"},
    {"none", {NULL, 0}, "the path is too long"},
};

START_TEST(test_origin)
{
    g_autofree char *stars = g_strnfill(LIMIT_PATH_BYTES + 1, '*');
    g_autoptr(GPtrArray) grants = grants_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    grant_set_origin(grant_literal(grants, stars, PERM_R), origins[_i].origin);
    ck_assert_msg(!rules_render(grants, out, &error), "%s", origins[_i].name);
    ck_assert_msg(g_str_has_prefix(error->message, origins[_i].prefix), "%s: %s", origins[_i].name,
                  error->message);
}
END_TEST

static const struct {
    const char *name;
    const char *existing;
    const char *lines;
    const char *result; /* NULL: nothing to add */
} appends[] = {
    {"new", "# head\n  \"/a\" r,\n", "  \"/b\" r,\n", "# head\n  \"/a\" r,\n  \"/b\" r,\n"},
    {"there", "# head\n  \"/a\" r,\n", "  \"/a\" r,\n", NULL},
    {"other permissions", "  \"/a\" r,\n", "  \"/a\" rw,\n", "  \"/a\" r,\n  \"/a\" rw,\n"},
    {"no line break at the end", "  \"/a\" r,", "  \"/b\" r,\n", "  \"/a\" r,\n  \"/b\" r,\n"},
    {"twice", "", "  \"/b\" r,\n  \"/b\" r,\n", "  \"/b\" r,\n"},
    {"nothing", "  \"/a\" r,\n", "", NULL},
};

START_TEST(test_append_missing)
{
    g_autofree char *result = rules_append_missing(appends[_i].existing, appends[_i].lines);

    ck_assert_msg(g_strcmp0(result, appends[_i].result) == 0, "%s: %s", appends[_i].name,
                  result ? result : "(nothing)");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("rules");
    TCase *tc = tcase_create("rules");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_literals, 0, G_N_ELEMENTS(literals));
    tcase_add_test(tc, test_too_long);
    tcase_add_loop_test(tc, test_sizes, 0, G_N_ELEMENTS(sizes));
    tcase_add_test(tc, test_render);
    tcase_add_loop_test(tc, test_perms, 0, G_N_ELEMENTS(perms_cases));
    tcase_add_loop_test(tc, test_origin, 0, G_N_ELEMENTS(origins));
    tcase_add_loop_test(tc, test_append_missing, 0, G_N_ELEMENTS(appends));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
