/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/own.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/limits.h"
#include "failing-calls.h"
#include "policy-fixture.h"

/* The administrator's own rules: which files count, and what is said of those that do not. */

#define PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"
#define EDIT    "virt-aa-ctl edit 01234567-89ab-cdef-0123-456789abcdef"

static uid_t we;

uid_t
geteuid(void)
{
    return we;
}

static void
setup_own(void)
{
    g_autofree char *local = NULL;
    g_autofree char *complain = NULL;

    setup();
    we = (uid_t)syscall(SYS_geteuid);
    local = g_build_filename(path, OWN_RULES_DIR, NULL);
    complain = g_build_filename(path, OWN_COMPLAIN_DIR, NULL);
    ck_assert_int_eq(g_mkdir(local, 0755), 0);
    ck_assert_int_eq(g_mkdir(complain, 0755), 0);
}

static void
teardown_own(void)
{
    fail_no_call();
    teardown();
}

/* Puts rules there, and reads them: they are all there, or there is an error. */
static gboolean
put_and_read(const char *text, gsize len, mode_t mode, Own *own, GError **error)
{
    g_autofree char *file = own_path(path, PROFILE);

    ck_assert(g_file_set_contents(file, text, (gssize)len, NULL));
    ck_assert_int_eq(chmod(file, mode), 0);
    return own_read(path, PROFILE, own, error);
}

START_TEST(test_read)
{
    g_auto(Own) own = {0};
    g_auto(Own) none = {0};
    g_autofree char *file = own_path(path, PROFILE);
    g_autofree char *mark = own_complain_path(path, PROFILE);

    ck_assert(own_read(path, PROFILE, &none, NULL));
    ck_assert_ptr_null(none.rules);
    ck_assert_str_eq(none.path, file);
    ck_assert(!none.complain);
    ck_assert(g_file_set_contents(mark, "", 0, NULL));
    ck_assert(put_and_read("  /a r,\n", 8, 0644, &own, NULL));
    ck_assert_str_eq(own.rules, "  /a r,\n");
    ck_assert(own.complain);
}
END_TEST

START_TEST(test_others_may_write)
{
    static const mode_t modes[] = {0664, 0646, 0622};
    g_auto(Own) own = {0};
    g_autoptr(GError) error = NULL;

    ck_assert(!put_and_read("  /a r,\n", 8, modes[_i], &own, &error));
    ck_assert_ptr_null(own.rules);
    ck_assert_msg(strstr(error->message, "changed by others") && strstr(error->message, own.path),
                  "%s", error->message);
}
END_TEST

/* One of ours is root's, or that of whom we run as. */
START_TEST(test_owner)
{
    g_auto(Own) own = {0};
    g_autoptr(GError) error = NULL;

    we += 1;
    if (we == 1) { /* the tests run as root: theirs is root's */
        ck_assert(put_and_read("  /a r,\n", 8, 0644, &own, NULL));
        own_clear(&own);
        g_autofree char *file = own_path(path, PROFILE);

        ck_assert_int_eq(chown(file, 65534, 65534), 0);
        ck_assert(!own_read(path, PROFILE, &own, &error));
    } else {
        ck_assert(!put_and_read("  /a r,\n", 8, 0644, &own, &error));
    }
    ck_assert_msg(strstr(error->message, "changed by others"), "%s", error->message);
}
END_TEST

/* None of them is as good as none: rules may be there to deny something. */
START_TEST(test_unfit)
{
    g_autofree char *large = g_strnfill(LIMIT_OWN_RULES_BYTES + 1, '#');
    const struct {
        const char *text;
        gsize len;
        int error; /* of opening it */
        gboolean root;
        const char *said;
    } rows[] = {
        {"a\0b", 3, 0, TRUE, "make it anew with " EDIT},
        {large, LIMIT_OWN_RULES_BYTES + 1, 0, TRUE, "make it anew with " EDIT},
        {"", 0, ELOOP, TRUE, "make it anew with " EDIT},
        {"", 0, EACCES, TRUE, "AppArmor does not let this program read"},
        {"", 0, EACCES, FALSE, "Permission denied"},
        {"", 0, EIO, TRUE, "Input/output error"},
    };
    g_auto(Own) own = {0};
    g_autoptr(GError) error = NULL;

    if (rows[_i].error)
        fail_call("openat", PROFILE, rows[_i].error);
    if (rows[_i].error)
        we = rows[_i].root ? 0 : 1000;
    ck_assert(!put_and_read(rows[_i].text, rows[_i].len, 0644, &own, &error));
    ck_assert_ptr_null(own.rules);
    ck_assert_msg(strstr(error->message, rows[_i].said) && strstr(error->message, PROFILE), "%s",
                  error->message);
}
END_TEST

#define AT_LINE "AppArmor parser error at line "

/* Where the compiler speaks of a line, it is found in the administrator's file. */
static const struct {
    const char *said;
    guint first;
    const char *blame; /* behind the file's name */
} blames[] = {
    {AT_LINE "12: syntax error", 11, ", line 2: syntax error: "},
    {AT_LINE "11: syntax error", 11, ", line 1: syntax error: "},
    {AT_LINE "99: syntax error", 11, ", line 3: syntax error: "}, /* behind the last one */
    {AT_LINE "10: syntax error", 11, ": syntax error: "},         /* before them */
    {AT_LINE "12: syntax error", 0, ": syntax error: "},
    {AT_LINE "0: x", 11, ": " AT_LINE "0: x: "},
    {AT_LINE "99999999999: x", 11, ": " AT_LINE "99999999999: x: "},
    {AT_LINE "12, x", 11, ": " AT_LINE "12, x: "},
    {"AppArmor parser error in /a: x", 11, ": AppArmor parser error in /a: x: "},
};

START_TEST(test_blame)
{
    Own own = {.path = (char *)"/l/f", .rules = (char *)"a\nb\nc\n"};
    GError *said = g_error_new_literal(BASE_ERROR, BASE_ERROR_POLICY, blames[_i].said);
    g_autofree char *begin = g_strconcat("/l/f", blames[_i].blame, NULL);

    own_blame(&own, PROFILE "-virtiofsd", blames[_i].first, &said);
    ck_assert_msg(g_str_has_prefix(said->message, begin), "%s", said->message);
    ck_assert_msg(g_str_has_suffix(said->message, EDIT " --virtiofsd"), "%s", said->message);
    ck_assert(g_error_matches(said, BASE_ERROR, BASE_ERROR_FAILED));
    g_error_free(said);
}
END_TEST

START_TEST(test_edit_command)
{
    g_autofree char *vm = own_edit_command(PROFILE);
    g_autofree char *other = own_edit_command("other");

    ck_assert_str_eq(vm, EDIT);
    ck_assert_str_eq(other, "virt-aa-ctl edit other");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("own");
    TCase *tc = tcase_create("own");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup_own, teardown_own);
    tcase_add_test(tc, test_read);
    tcase_add_loop_test(tc, test_others_may_write, 0, 3);
    tcase_add_test(tc, test_owner);
    tcase_add_loop_test(tc, test_unfit, 0, 6);
    tcase_add_loop_test(tc, test_blame, 0, G_N_ELEMENTS(blames));
    tcase_add_test(tc, test_edit_command);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
