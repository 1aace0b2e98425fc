/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/environment.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "basic/locale-name.h"

/* "virtiofsd::passthrough=debug,warn" */
static const char log_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_:=,";

static const char *const of_locale[] = {"LC_ALL=", "LC_MESSAGES=", "LANG=", NULL};
static const char *const of_log[] = {"RUST_LOG=", "RUST_BACKTRACE=", NULL};

static char *
find(char *const environment[], const char *name, const char *characters)
{
    size_t length = strlen(name);

    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0) {
            const char *value = *environment + length;

            /* the first of two counts, as for getenv() */
            return value[strspn(value, characters)] == '\0' ? *environment : NULL;
        }
    return NULL;
}

static void
fill(char *const before[], const char *const names[], const char *characters,
     char *environment[ENVIRONMENT_MAX + 1])
{
    size_t n = 0;

    environment[n++] = (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    for (; *names; names++) {
        environment[n] = find(before, *names, characters);
        if (environment[n])
            n++;
    }
    environment[n] = NULL;
}

char **
environment_reduce(void)
{
    static char *reduced[ENVIRONMENT_MAX + 1];
    char **before = environ;

    fill(before, of_locale, LOCALE_NAME_CHARACTERS, reduced);
    environ = reduced;
    return before;
}

void
environment_for_virtiofsd(char *const before[], char *environment[ENVIRONMENT_MAX + 1])
{
    fill(before, of_log, log_characters, environment);
}
