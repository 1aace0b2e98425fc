/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/compiler.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"

#define INHERITED_FD 50
#define HEADER_BYTES 16 /* of compiled policy, with its version */

/* How compiled policy begins. */
#define PRINT_HEADER "printf '\\004\\010\\000version\\000\\002\\005\\000\\000\\000'"

static char *dir;

static void
setup(void)
{
    dir = g_dir_make_tmp("test-compiler-XXXXXX", NULL);
    ck_assert_ptr_nonnull(dir);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", dir);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&dir, g_free);
}

/* A program that stands for the parser. */
static char *
script(const char *body, int mode)
{
    char *path = g_build_filename(dir, "parser", NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", body);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(chmod(path, (mode_t)mode), 0);
    return path;
}

static gboolean
real_parser(void)
{
    if (access(APPARMOR_PARSER, X_OK) == 0)
        return TRUE;
    fprintf(stderr, "SKIP: no %s\n", APPARMOR_PARSER);
    return FALSE;
}

/* As the parser compiles a file that it finds in its directory force-complain: the children as well. */
START_TEST(test_complain)
{
    static const char plain[] =
        "profile a flags=(attach_disconnected) {\n  /a r,\n  profile b {\n  }\n}\n";
    static const char flagged[] = "profile a flags=(attach_disconnected,complain) {\n  /a r,\n"
                                  "  profile b flags=(complain) {\n  }\n}\n";
    Compiler compiler = {.parser = APPARMOR_PARSER, .complain = TRUE};
    Compiler enforce = {.parser = APPARMOR_PARSER};
    g_auto(CompilerResult) forced = {.binary = NULL};
    g_auto(CompilerResult) wanted = {.binary = NULL};
    g_auto(CompilerResult) other = {.binary = NULL};

    if (!real_parser())
        return;
    ck_assert(compiler_run(&compiler, COMPILER_COMPILE, plain, strlen(plain), &forced, NULL));
    ck_assert(compiler_run(&enforce, COMPILER_COMPILE, flagged, strlen(flagged), &wanted, NULL));
    ck_assert(compiler_run(&enforce, COMPILER_COMPILE, plain, strlen(plain), &other, NULL));
    ck_assert(g_bytes_equal(forced.binary, wanted.binary));
    ck_assert(!g_bytes_equal(forced.binary, other.binary));
}
END_TEST

START_TEST(test_real)
{
    Compiler compiler = {.parser = APPARMOR_PARSER};
    static const char good[] = "profile a {\n  \"/a\" r,\n}\nprofile b {\n}\n";
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        {"profile x {\n  /a rq,\n}\n", "AppArmor parser error at line 2: syntax error"},
        {"profile x {\n  \"/a{b\" r,\n}\n", "Unclosed grouping"},
        {"profile x {\n  include <no/such/file>\n}\n", "no/such/file"},
        {"", "the policy has no profile"},
        {"# nothing\n", "the policy has no profile"},
    };
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;

    if (!real_parser())
        return;
    ck_assert_msg(compiler_run(&compiler, COMPILER_COMPILE, good, strlen(good), &result, &error),
                  "%s", error ? error->message : "");
    ck_assert_msg(result.warnings == NULL, "%s", result.warnings);
    ck_assert_mem_eq(g_bytes_get_data(result.binary, NULL), "\x04\x08\x00version", 11);

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) e = NULL;
        g_auto(CompilerResult) none = {.binary = NULL};

        ck_assert_msg(
            !compiler_run(&compiler, COMPILER_COMPILE, bad[i].text, strlen(bad[i].text), &none, &e),
            "%s", bad[i].text);
        ck_assert_msg(g_error_matches(e, BASE_ERROR, BASE_ERROR_POLICY), "%s", bad[i].text);
        ck_assert_msg(strstr(e->message, bad[i].message) != NULL, "%s: %s", bad[i].text,
                      e->message);
        ck_assert_msg(!strstr(e->message, "Cache"), "%s", e->message);
        ck_assert_ptr_null(none.binary);
    }
}
END_TEST

START_TEST(test_include_dir)
{
    g_autofree char *folder = g_build_filename(dir, "abstractions", NULL);
    g_autofree char *file = g_build_filename(folder, "base", NULL);
    Compiler compiler = {.parser = APPARMOR_PARSER, .include_dir = dir};
    static const char text[] = "profile x {\n  include <abstractions/base>\n}\n";
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;

    if (!real_parser())
        return;
    /* Found before the system's of the same name, which compiles. */
    ck_assert_int_eq(g_mkdir(folder, 0755), 0);
    ck_assert(g_file_set_contents(file, "  \"/only-here\" q,\n", -1, NULL));
    ck_assert(!compiler_run(&compiler, COMPILER_COMPILE, text, strlen(text), &result, &error));
    ck_assert_msg(strstr(error->message, file) != NULL, "%s", error->message);
    ck_assert_msg(strstr(error->message, "stdin") == NULL, "%s", error->message);
}
END_TEST

/* What becomes of how the parser ends, for each job. */
START_TEST(test_verdicts)
{
    static const struct {
        CompilerJob job;
        const char *body;
        BaseError code;
        int kernel_errno;
        const char *message;
    } rows[] = {
        {COMPILER_COMPILE, "echo no >&2; exit 1", BASE_ERROR_POLICY, 0, "no"},
        {COMPILER_COMPILE, "echo 'Cache read/write disabled: x' >&2; echo no >&2; exit 1",
         BASE_ERROR_POLICY, 0, "no"},
        {COMPILER_COMPILE, "printf 'a\\377b' >&2; exit 1", BASE_ERROR_POLICY, 0,
         "a\xef\xbf\xbd"
         "b"},
        {COMPILER_REPLACE, "echo no >&2; exit 2", BASE_ERROR_FAILED, ENOENT, "no"},
        {COMPILER_REPLACE, "echo no >&2; exit 1", BASE_ERROR_FAILED, 0, "no"},
        {COMPILER_ADD, "echo no >&2; exit 17", BASE_ERROR_FAILED, EEXIST, "no"},
        {COMPILER_REMOVE, "echo no >&2; exit 254", BASE_ERROR_FAILED, ENOENT, "no"},
        {COMPILER_REMOVE, "echo no >&2; exit 243", BASE_ERROR_FAILED, EACCES, "no"},
        {COMPILER_REMOVE, "echo no >&2; exit 1", BASE_ERROR_FAILED, 0, "no"},
        {COMPILER_REMOVE, "exit 3", BASE_ERROR_FAILED, 0, "ended with status 3 and no message"},
        {COMPILER_COMPILE, "exit 0", BASE_ERROR_POLICY, 0, "the policy has no profile"},
        {COMPILER_COMPILE, "echo rubbish", BASE_ERROR_FAILED, 0, "is not compiled policy"},
        {COMPILER_COMPILE, "PATH=/bin:/usr/bin; exec head -c 100 /dev/zero", BASE_ERROR_FAILED, 0,
         "is not compiled policy"},
        {COMPILER_COMPILE, "printf '\\004\\010\\000version'", BASE_ERROR_FAILED, 0,
         "is not compiled policy"},
        {COMPILER_COMPILE, "PATH=/bin:/usr/bin; exec head -c 64M /dev/zero", BASE_ERROR_LIMIT, 0,
         "/parser wrote more than 33554432 bytes"},
        {COMPILER_COMPILE, "PATH=/bin:/usr/bin; exec head -c 64M /dev/zero >&2", BASE_ERROR_LIMIT,
         0, "/parser wrote more than 33554432 bytes"},
        {COMPILER_COMPILE, "[ $(ulimit -v) = 1048576 ] && [ $(ulimit -t) = 13 ] || exit 1; echo x",
         BASE_ERROR_FAILED, 0, "is not compiled policy"},
        {COMPILER_COMPILE, "echo no >&2; kill -6 $$", BASE_ERROR_FAILED, 0,
         "was killed by signal 6 (Aborted): no"},
        {COMPILER_COMPILE, "kill -9 $$", BASE_ERROR_FAILED, 0, "was killed by signal 9 (Killed)"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *parser = script(rows[i].body, 0755);
        Compiler compiler = {.parser = parser};
        g_auto(CompilerResult) result = {.binary = NULL};
        g_autoptr(GError) error = NULL;

        ck_assert_msg(!compiler_run(&compiler, rows[i].job, "x", 1, &result, &error), "%s",
                      rows[i].body);
        ck_assert_msg(error->code == (int)rows[i].code, "%s: %d", rows[i].body, error->code);
        ck_assert_msg(result.kernel_errno == rows[i].kernel_errno, "%s: %d", rows[i].body,
                      result.kernel_errno);
        ck_assert_msg(g_str_has_suffix(error->message, rows[i].message), "%s: %s", rows[i].body,
                      error->message);
    }
}
END_TEST

START_TEST(test_not_to_be_run)
{
    g_autofree char *not_executable = script("exit 0", 0644);
    const struct {
        const char *parser;
        const char *message;
    } rows[] = {
        {"/nonexistent/parser", "cannot run /nonexistent/parser: No such file or directory"},
        {not_executable, "Permission denied"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Compiler compiler = {.parser = rows[i].parser};
        g_auto(CompilerResult) result = {.binary = NULL};
        g_autoptr(GError) error = NULL;

        ck_assert(!compiler_run(&compiler, COMPILER_COMPILE, "x", 1, &result, &error));
        ck_assert_msg(g_str_has_suffix(error->message, rows[i].message), "%s", error->message);
    }
}
END_TEST

/* What the parser is given, and what comes back from one that succeeds with a warning. */
START_TEST(test_surroundings)
{
    g_autofree char *parser = script(
        PRINT_HEADER
        "; read line; echo \"$0|$*|$line\"; set | while read v; do case $v in *=secret*) echo "
        "leak; esac; done; [ -e /proc/$$/fd/50 ] && echo inherited; echo careful >&2",
        0755);
    Compiler compiler = {.parser = parser, .include_dir = "/inc"};
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(dup2(STDOUT_FILENO, INHERITED_FD), INHERITED_FD);
    g_setenv("COMPILER_TEST", "secret", TRUE);
    signal(SIGCHLD, SIG_IGN); /* as an ancestor may have left it */
    ck_assert_msg(compiler_run(&compiler, COMPILER_COMPILE, "hello\n", 6, &result, &error), "%s",
                  error ? error->message : "");
    close(INHERITED_FD);
    ck_assert(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
    ck_assert_str_eq(result.warnings, "careful");
    text = g_strndup((const char *)g_bytes_get_data(result.binary, NULL) + HEADER_BYTES,
                     g_bytes_get_size(result.binary) - HEADER_BYTES);
    ck_assert_msg(g_str_has_suffix(text, "--Include /inc /dev/stdin|hello\n"), "%s", text);
    ck_assert_msg(strstr(text, "|--skip-kernel-load --stdout --skip-cache --jobs 0") != NULL, "%s",
                  text);
    ck_assert_msg(strstr(text, "leak") == NULL, "%s", text);
    ck_assert_msg(strstr(text, "inherited") == NULL, "%s", text);
}
END_TEST

START_TEST(test_endless)
{
    g_autofree char *parser = script("(while :; do :; done) & while :; do :; done", 0755);
    Compiler compiler = {.parser = parser, .limit_ms = 200};
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!compiler_run(&compiler, COMPILER_COMPILE, "x", 1, &result, &error));
    /* up to two seconds where much runs beside us */
    ck_assert_msg(strstr(error->message, "/parser was still running after ") &&
                      g_str_has_suffix(error->message, " seconds and was killed"),
                  "%s", error->message);
}
END_TEST

START_TEST(test_talkative)
{
    g_autofree char *parser = script(
        "i=0; while [ $i -lt 2000 ]; do echo 0123456789 >&2; i=$((i+1)); done; exit 1", 0755);
    Compiler compiler = {.parser = parser};
    g_auto(CompilerResult) result = {.binary = NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!compiler_run(&compiler, COMPILER_COMPILE, "x", 1, &result, &error));
    ck_assert_uint_le(strlen(error->message), LIMIT_PARSER_MESSAGE_BYTES + strlen("…"));
    ck_assert(g_str_has_suffix(error->message, "…"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("compiler");
    TCase *tc = tcase_create("compiler");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_real);
    tcase_add_test(tc, test_complain);
    tcase_add_test(tc, test_include_dir);
    tcase_add_test(tc, test_verdicts);
    tcase_add_test(tc, test_not_to_be_run);
    tcase_add_test(tc, test_surroundings);
    tcase_add_test(tc, test_endless);
    tcase_add_test(tc, test_talkative);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
