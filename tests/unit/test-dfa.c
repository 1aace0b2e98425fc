/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/dfa.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "kernel/compiler.h"
#include "kernel/dfa-within.h"
#include "kernel/kernel-policy.h"

static GBytes *
compile(const char *text)
{
    Compiler compiler = {.parser = APPARMOR_PARSER};
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_msg(compiler_run(&compiler, COMPILER_COMPILE, text, strlen(text), &result, &error),
                  "%s: %s", text, error ? error->message : "");
    return g_steal_pointer(&result.binary);
}

static DfaPolicy *
policy_of(const char *text)
{
    g_autoptr(GBytes) binary = compile(text);
    g_autoptr(GError) error = NULL;
    gsize len;
    const void *bytes = g_bytes_get_data(binary, &len);
    DfaPolicy *policy = dfa_policy_new(bytes, len, &error);

    ck_assert_msg(policy != NULL, "%s: %s", text, error ? error->message : "");
    return policy;
}

static DfaPolicy *
policy_of_rules(const char *rules)
{
    g_autofree char *text = g_strdup_printf("profile x {\n%s\n}\n", rules);

    return policy_of(text);
}

/* What apparmor.d(5) says of globs and permissions. */
START_TEST(test_files)
{
    static const struct {
        const char *rules;
        const char *path;
        const char *owner;
        const char *other;
        const char *deny;
    } rows[] = {
        {"/a r,", "/a", "r", "r", ""},
        {"/a r,", "/b", "", "", ""},
        {"/a r,", "/a/", "", "", ""},
        {"/a r,", "/aa", "", "", ""},
        {"/a/ r,", "/a/", "r", "r", ""},
        {"\"/a b\" rw,", "/a b", "rwa", "rwa", ""}, /* w implies a */
        {"/a a,", "/a", "a", "a", ""},
        {"/a rwmk,", "/a", "rwamk", "rwamk", ""},
        {"/a ix,", "/a", "xm", "xm", ""},
        {"owner /a rw,", "/a", "rwa", "", ""},
        {"/a r,\nowner /a w,", "/a", "rwa", "r", ""},
        {"/a rw,\ndeny /a w,", "/a", "r", "r", "wa"},
        {"/a rw,\naudit deny /a w,", "/a", "r", "r", ""},
        {"/a rw,\ndeny owner /a w,", "/a", "r", "rwa", ""},
        {"/** rw,\ndeny /s/** w,", "/s/x", "r", "r", "wa"},
        {"/** rw,\ndeny /s/** w,", "/s/", "rwa", "rwa", ""},
        {"/d/* r,", "/d/x", "r", "r", ""},
        {"/d/* r,", "/d/", "", "", ""},
        {"/d/* r,", "/d/x/", "", "", ""},
        {"/d/* r,", "/d/x/y", "", "", ""},
        {"/d/** r,", "/d/x/y", "r", "r", ""},
        {"/d/** r,", "/d/x/", "r", "r", ""},
        {"/d/** r,", "/d/", "", "", ""},
        {"/d*/ r,", "/d/", "r", "r", ""},
        {"/d/? r,", "/d/x", "r", "r", ""},
        {"/d/? r,", "/d/xx", "", "", ""},
        {"/d? r,", "/d/", "", "", ""},
        {"/[a-c] r,", "/b", "r", "r", ""},
        {"/[a-c] r,", "/d", "", "", ""},
        {"/[^a-c] r,", "/d", "r", "r", ""},
        {"/{ab,cd} r,", "/cd", "r", "r", ""},
        {"/{ab,cd} r,", "/ad", "", "", ""},
        {"/d/{,**} r,", "/d/", "r", "r", ""},
        {"/d/{,**} r,", "/d/x/y", "r", "r", ""},
        {"/d/{,**} r,", "/d", "", "", ""},
        {"\"/a\\052\" r,", "/a*", "r", "r", ""},
        {"\"/a\\052\" r,", "/ab", "", "", ""},
        {"\"/\\303\\244\" r,", "/\xc3\xa4", "r", "r", ""},
        {"signal,", "/a", "", "", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DfaPolicy) policy = policy_of_rules(rows[i].rules);
        const char *path = rows[i].path;
        g_autofree char *owner_letters = NULL;
        g_autofree char *other_letters = NULL;
        g_autofree char *deny_letters = NULL;
        DfaAnswer owner, other;

        ck_assert(dfa_policy_file(policy, "x", path, strlen(path), TRUE, &owner, NULL));
        ck_assert(dfa_policy_file(policy, "x", path, strlen(path), FALSE, &other, NULL));
        owner_letters = dfa_letters(owner.allow);
        other_letters = dfa_letters(other.allow);
        deny_letters = dfa_letters(other.deny);
        ck_assert_msg(g_str_equal(owner_letters, rows[i].owner), "%s: %s: owner %s", rows[i].rules,
                      path, owner_letters);
        ck_assert_msg(g_str_equal(other_letters, rows[i].other), "%s: %s: other %s", rows[i].rules,
                      path, other_letters);
        ck_assert_msg(g_str_equal(deny_letters, rows[i].deny), "%s: %s: deny %s", rows[i].rules,
                      path, deny_letters);
    }
}
END_TEST

/* What a profile allows by a pattern, it allows of a mark and of its control, so that neither says anything. */
START_TEST(test_patterns_and_marks)
{
    static const char *const patterns[] = {
        "/**",
        "/*/*/*/*",
        "/dev/**",
        "/dev/null/virt-aa-virtiofs/*",
        "/**[0-9a-f]",
        "/*/*/*/[0-9a-f]*[0-9a-f]",
        "/**/a?*",
        "/**/[^/]*",
        "/dev/{,**}",
        "/dev/null/virt-aa-virtiofs/[0-7]**",
        "/**{0,1,2,3,4}",
        "/**/{a,b,c,d}*",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_autofree char *rule = g_strdup_printf("%s r,", patterns[i]);
        g_autoptr(DfaPolicy) policy = policy_of_rules(rule);
        guint matched = 0;

        for (guint n = 0; n < 64; n++) {
            g_autofree char *text = g_strdup_printf("%u", n);
            g_autofree char *mark = kernel_mark(text);
            g_autofree char *control = kernel_control(mark);
            DfaAnswer of_mark, of_control;

            ck_assert_str_ne(mark, control);
            ck_assert(
                dfa_policy_file(policy, "x", mark, strlen(mark), FALSE, &of_mark, NULL) &&
                dfa_policy_file(policy, "x", control, strlen(control), FALSE, &of_control, NULL));
            ck_assert_msg((of_mark.allow & DFA_READ) == (of_control.allow & DFA_READ), "%s: %s",
                          patterns[i], mark);
            matched += (of_mark.allow & DFA_READ) != 0;
        }
        ck_assert_msg(matched > 0, "%s", patterns[i]);
    }
}
END_TEST

START_TEST(test_links)
{
    static const struct {
        const char *rules;
        const char *link;
        const char *target;
        gboolean allowed;
    } rows[] = {
        {"/d/** rw,", "/d/new", "/d/old", FALSE},
        {"/d/** rwl,", "/d/new", "/d/old", TRUE},
        {"/d/** rwl,", "/d/new", "/e/old", FALSE}, /* the new name would allow more than the old */
        {"/d/** l,", "/d/new", "/e/old", TRUE},    /* it allows nothing more */
        {"/d/** rwl,\n/e/** r,", "/d/new", "/e/old", FALSE},
        {"/d/** rwl,\n/e/** rw,", "/d/new", "/e/old", TRUE},
        {"/d/** rwl,\ndeny /d/x l,", "/d/x", "/d/old", FALSE},
        {"link /d/new -> /d/old,", "/d/new", "/d/old", TRUE},
        {"link /d/new -> /d/old,", "/d/new", "/d/older", FALSE},
        {"/d/** rw,\nlink /d/new -> /d/old,\ndeny /d/old w,", "/d/new", "/d/old", TRUE},
        {"/d/** rw,\nlink subset /d/new -> /d/old,\ndeny /d/old w,", "/d/new", "/d/old", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DfaPolicy) policy = policy_of_rules(rows[i].rules);
        gboolean allowed;

        ck_assert(dfa_policy_link(policy, "x", rows[i].link, strlen(rows[i].link), rows[i].target,
                                  strlen(rows[i].target), TRUE, &allowed, NULL));
        ck_assert_msg(allowed == rows[i].allowed, "%s: %s -> %s", rows[i].rules, rows[i].link,
                      rows[i].target);
    }
}
END_TEST

START_TEST(test_paths)
{
    static const struct {
        const char *rules;
        const char *paths; /* NULL: too many */
    } rows[] = {
        {"/a r,", "/a"},
        {"/a{,b,c} r,\n/a/ w,", "/a /a/ /ab /ac"},
        {"/a rw,\ndeny /a rw,", ""},
        {"owner /a r,", "/a"},
        {"/a l,", ""},
        {"signal,", ""},
        {"/a* r,", NULL},
        {"/a? r,", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DfaPolicy) policy = policy_of_rules(rows[i].rules);
        g_autoptr(GPtrArray) found = dfa_policy_paths(policy, "x", DFA_READ | DFA_WRITE, 4, NULL);
        g_autoptr(GString) text = g_string_new(NULL);

        ck_assert_msg((found == NULL) == (rows[i].paths == NULL), "%s", rows[i].rules);
        for (guint k = 0; found && k < found->len; k++) {
            gsize len;
            const char *path = g_bytes_get_data(found->pdata[k], &len);

            g_string_append_printf(text, "%s%.*s", k ? " " : "", (int)len, path);
        }
        ck_assert_msg(!found || g_str_equal(text->str, rows[i].paths), "%s: %s", rows[i].rules,
                      text->str);
    }
}
END_TEST

START_TEST(test_several_profiles)
{
    /* Names of different length, so that the second does not begin at a multiple of eight. */
    g_autoptr(DfaPolicy) policy =
        policy_of("profile one { /1 r, }\nprofile two-x /bin/two* { /2 r, signal, }\n"
                  "profile empty {\n}\n");
    const char *const *names = dfa_policy_names(policy);
    g_autoptr(GError) error = NULL;
    DfaAnswer answer;

    ck_assert_str_eq(names[0], "empty"); /* the parser sorts */
    ck_assert_str_eq(names[1], "one");
    ck_assert_str_eq(names[2], "two-x");
    ck_assert_ptr_null(names[3]);
    ck_assert(dfa_policy_file(policy, "two-x", "/2", 2, TRUE, &answer, NULL));
    ck_assert_uint_eq(answer.allow, DFA_READ);
    ck_assert(dfa_policy_file(policy, "two-x", "/1", 2, TRUE, &answer, NULL));
    ck_assert_uint_eq(answer.allow, 0);
    ck_assert(dfa_policy_file(policy, "empty", "/1", 2, TRUE, &answer, NULL));
    ck_assert_uint_eq(answer.allow, 0);
    ck_assert(!dfa_policy_file(policy, "three", "/1", 2, TRUE, &answer, &error));
    ck_assert_str_eq(error->message, "compiled policy: no profile three");
}
END_TEST

/* Nothing that is wrong with the bytes leads out of them: for the sanitizers to watch. */
START_TEST(test_damage)
{
    g_autoptr(GBytes) binary = compile("profile x { /a{b,c}? r, owner /d/** rwl, signal, }\n");
    gsize len;
    const guint8 *bytes = g_bytes_get_data(binary, &len);
    guint survived = 0;

    for (gsize i = 0; i < len; i++) {
        static const guint8 masks[] = {0x01, 0x80, 0xff};

        for (gsize m = 0; m < G_N_ELEMENTS(masks); m++) {
            g_autofree guint8 *copy = g_memdup2(bytes, len);
            g_autoptr(DfaPolicy) policy = NULL;
            DfaAnswer answer;
            gboolean allowed;

            copy[i] ^= masks[m];
            policy = dfa_policy_new(copy, len, NULL);
            if (!policy)
                continue;
            survived++;
            dfa_policy_file(policy, "x", "/abz/dd", 7, TRUE, &answer, NULL);
            dfa_policy_link(policy, "x", "/d/a", 4, "/d/b", 4, TRUE, &allowed, NULL);
        }
    }
    ck_assert_uint_gt(survived, 0);
    for (gsize i = 1; i < len; i++) {
        g_autofree guint8 *copy = g_memdup2(bytes, i);
        g_autoptr(DfaPolicy) policy = dfa_policy_new(copy, i, NULL);

        /* Whole items may be missing only from before the profile. */
        ck_assert_msg(policy == NULL || dfa_policy_names(policy)[0] == NULL, "%zu", i);
    }
}
END_TEST

/* What one policy allows and another does not, but for what has a name. */
START_TEST(test_within)
{
    static const struct {
        const char *inner;
        const char *outer;
        const char *name; /* or NULL, for "rw" */
        const char *found;
    } rows[] = {
        {"/a r,", "/a rw,", NULL, NULL},
        {"/a rw,", "/a r,", NULL, "file '/a' wa (0xa)"},
        {"/a/** r,", "/a/* r,", NULL, "file '/a/\\001/' r (0x4)"},
        {"/a/* r,", "/a/** r,", NULL, NULL},
        {"/a/** rw,", "", "/a", NULL},
        {"/a rw,", "", "/a", NULL},
        {"/ab r,", "", "/a", "file '/ab' r (0x4)"},
        {"/{a,b}/x r,", "", "/a", "file '/b/x' r (0x4)"},
        {"/a/x k,", "", "/a", "file '/a/x' k (0x8000)"},
        {"/** r,", "", "/", NULL},
        {"/x r,", "deny /x r,", NULL, "file '/x' r (0x4)"},
        {"/x ix,", "/x ix,", NULL, NULL},
        {"/x ux,", "/x ix,", NULL, "file '/x' x (0x1)"},
        {"capability chown,", "capability chown setfcap,", NULL, NULL},
        {"capability chown setfcap,", "capability chown,", NULL, "capabilities 0x80000000"},
        {"capability mac_admin,", "", NULL, "capabilities 0x200000000"},
        {"set rlimit nofile <= 10,", "", NULL, "flags, limits or networks"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DfaPolicy) inner = policy_of_rules(rows[i].inner);
        g_autoptr(DfaPolicy) outer = policy_of_rules(rows[i].outer);
        g_autoptr(DfaNames) names = dfa_names_new();
        g_autoptr(GPtrArray) found = NULL;
        const char *first;

        if (rows[i].name)
            dfa_names_add(names, rows[i].name, DFA_READ | DFA_WRITE | DFA_APPEND);
        found = dfa_policy_within(inner, outer, "x", names, NULL);
        ck_assert_msg(found != NULL, "%s", rows[i].inner);
        first = found->len ? g_ptr_array_index(found, 0) : NULL;
        ck_assert_msg(g_strcmp0(first, rows[i].found) == 0, "%s in %s: %s", rows[i].inner,
                      rows[i].outer, first ? first : "nothing");
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("dfa");
    TCase *tc = tcase_create("dfa");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (access(APPARMOR_PARSER, X_OK) != 0) {
        fprintf(stderr, "SKIP: no %s\n", APPARMOR_PARSER);
        return 77;
    }
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_within);
    tcase_add_test(tc, test_patterns_and_marks);
    tcase_add_test(tc, test_links);
    tcase_add_test(tc, test_paths);
    tcase_add_test(tc, test_several_profiles);
    tcase_add_test(tc, test_damage);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
