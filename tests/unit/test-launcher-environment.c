/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/environment.h"

#include <libintl.h>
#include <locale.h>
#include <sys/wait.h>

#include "basic/failure.h"
#include "launcher-fixture.h"

#define OUR_PATH "PATH=/usr/sbin:/usr/bin:/sbin:/bin"

/* What the program keeps and what virtiofsd gets, each entry after a "|". */
static const struct {
    const char *name;
    const char *const before[6];
    const char *kept;
    const char *handed_on;
} rows[] = {
    {"nothing", {NULL}, "|" OUR_PATH, "|" OUR_PATH},
    {"a path of somebody's", {"PATH=/tmp"}, "|" OUR_PATH, "|" OUR_PATH},
    {"a locale",
     {"LANG=de_DE.UTF-8", "LC_ALL=C", "LC_MESSAGES=sr_RS@latin"},
     "|" OUR_PATH "|LC_ALL=C|LC_MESSAGES=sr_RS@latin|LANG=de_DE.UTF-8",
     "|" OUR_PATH},
    {"where messages are",
     {"LANGUAGE=../../tmp/x", "NLSPATH=/tmp/%N", "LOCPATH=/tmp", "GCONV_PATH=/tmp"},
     "|" OUR_PATH,
     "|" OUR_PATH},
    {"a locale that is a path", {"LANG=../../tmp/x", "LC_ALL=/tmp"}, "|" OUR_PATH, "|" OUR_PATH},
    {"the first of two",
     {"LANG=C/", "LANG=C", "RUST_LOG=info", "RUST_LOG=debug"},
     "|" OUR_PATH,
     "|" OUR_PATH "|RUST_LOG=info"},
    {"what virtiofsd logs",
     {"RUST_BACKTRACE=full", "RUST_LOG=virtiofsd::fs=debug,warn", "RUST_LIB_BACKTRACE=1"},
     "|" OUR_PATH,
     "|" OUR_PATH "|RUST_LOG=virtiofsd::fs=debug,warn|RUST_BACKTRACE=full"},
    {"a line of log", {"RUST_LOG=a\nb"}, "|" OUR_PATH, "|" OUR_PATH},
    {"the loader's", {"LD_PRELOAD=/tmp/x.so", "LANGX=C", "LANG"}, "|" OUR_PATH, "|" OUR_PATH},
};

static void
join(char *const environment[], char *text)
{
    for (text[0] = '\0'; *environment; environment++)
        sprintf(text + strlen(text), "|%s", *environment);
}

START_TEST(test_environment)
{
    char **saved = environ;
    char *handed_on[ENVIRONMENT_MAX + 1];
    char text[1024];

    environ = (char **)rows[_i].before;
    ck_assert_ptr_eq(environment_reduce(), (char **)rows[_i].before);
    join(environ, text);
    environment_for_virtiofsd((char **)rows[_i].before, handed_on);
    environ = saved;
    ck_assert_msg(strcmp(text, rows[_i].kept) == 0, "%s: %s", rows[_i].name, text);
    join(handed_on, text);
    ck_assert_msg(strcmp(text, rows[_i].handed_on) == 0, "%s: %s", rows[_i].name, text);
}
END_TEST

/* A catalogue of one message: "x" is translated by "%s%s%n". gettext(3), "GNU MO file format". */
static const unsigned words[] = {0x950412de, 0, 2, 28, 44, 0, 60, 0, 60, 1, 61, 0, 63, 6, 68};

static void
write_catalogue(const char *name)
{
    char text[128];
    const char strings[] = "\0x\0\0____%s%s%n";
    int fd;

    memcpy(text, words, 60);
    memcpy(text + 60, strings, sizeof(strings));
    fixture_file(name, "", 0644);
    fd = open(fixture_path(name), O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(write(fd, text, 60 + sizeof(strings)), 60);
    close(fd);
}

/* The message for "x" in an environment that names a language by a path, in a process of its own. */
static bool
is_foreign(const char *locale, bool reduce)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        char languages[PATH_MAX + 32];
        char lang[64];

        snprintf(lang, sizeof(lang), "LANG=%s", locale);
        snprintf(languages, sizeof(languages), "LANGUAGE=../../../../../..%s/evil", fixture_root);
        environ = (char *[]){languages, lang, NULL};
        if (reduce)
            environment_reduce();
        if (!setlocale(LC_MESSAGES, "") || !setlocale(LC_CTYPE, ""))
            _exit(EXIT_SUCCESS); /* it is not here: nothing is translated */
        bindtextdomain(GETTEXT_PACKAGE, fixture_root);
        _exit(strcmp(dgettext(GETTEXT_PACKAGE, "x"), "x") == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status);
}

/* The C library translates nothing in C.UTF-8 from 2.41 on; others may not be here. */
static const char *
find_locale(void)
{
    static const char *const locales[] = {"C.UTF-8", "en_US.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8"};

    for (size_t i = 0; i < ROWS(locales); i++)
        if (is_foreign(locales[i], false))
            return locales[i];
    return NULL;
}

START_TEST(test_language_is_no_path)
{
    const char *locale;

    fixture_setup();
    write_catalogue("evil/LC_MESSAGES/" GETTEXT_PACKAGE ".mo");
    /* the attack works where the environment is kept: this would otherwise prove nothing */
    locale = find_locale();
    if (locale)
        ck_assert(!is_foreign(locale, true));
    else
        fprintf(stderr, "not judged here: this C library has no locale in which it translates\n");
    fixture_teardown();
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("environment");

    tcase_add_loop_test(tc, test_environment, 0, ROWS(rows));
    tcase_add_test(tc, test_language_is_no_path);
    return fixture_run("launcher-environment", tc);
}
