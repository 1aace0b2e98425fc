/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The configuration file and what follows from it: what is refused is said with its line, what is accepted
 * goes through a record into the launcher, which accepts it too and starts the virtiofsd that it would have
 * started otherwise. And whatever the path, a line that is suggested allows it.
 */

#include <string.h>

#include "fuzz/command-line.h"
#include "fuzz/fuzz.h"
#include "launcher/confine.h"
#include "settings/settings.h"
#include "virtiofsd/extra.h"

#define PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"

static const char *const names[] = {"", "a", "web-1", "[x]"};

/* Whether @options are more than a record takes, which is the one thing that the settings do not know. */
static gboolean
is_too_much(GPtrArray *options)
{
    gsize bytes = 0;

    /* each byte may become three, and a key comes with each */
    for (guint i = 0; i < options->len; i++)
        bytes += 3 * strlen(g_ptr_array_index(options, i)) + 16;
    return options->len > RECORD_MAX_OPTIONS || bytes > RECORD_MAX_BYTES / 2;
}

static void
check_daemon(const Settings *settings, const char *name)
{
    g_autoptr(GPtrArray) options = settings_options(settings, name);
    const char *binary = settings_binary(settings, name);
    Record record = {.profile = (char *)PROFILE,
                     .domain = (char *)name,
                     .binary = (char *)binary,
                     .options = (char **)options->pdata};
    AUTO_RECORD Record read = {0};
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    char *argv[] = {(char *)"V", (char *)"--fd=3", (char *)"--shared-dir=/x", NULL};
    Failure failure = {.text = ""};
    g_autofree char *text = NULL;

    FUZZ_REQUIRE(extra_check(record.options, &failure), failure.text);
    if (is_too_much(options) || (binary && strlen(binary) >= 4096))
        return;
    text = record_format(&record, NULL, &failure);
    FUZZ_REQUIRE(text, failure.text);
    FUZZ_REQUIRE(record_parse(text, strlen(text), &read, &failure), failure.text);
    FUZZ_REQUIRE(arguments_parse(3, argv, &arguments, &failure), failure.text);
    FUZZ_REQUIRE(confine_check_arguments(&arguments, &read, &failure), failure.text);
    fuzz_check_command_line(&arguments, read.options);
    FUZZ_REQUIRE(extra_capabilities(record.options, CAPABILITIES_SERVING) ==
                     extra_capabilities(read.options, CAPABILITIES_SERVING),
                 text);
}

/* A line that a message suggests is read, and allows the path that it is about. */
static void
check_advice(const Settings *settings, const char *path)
{
    g_autofree char *advice = settings_advice(settings, path, SETTINGS_ALLOW_WRITE, "F");
    g_auto(GStrv) parts = g_strsplit(advice, "\"allow-write = ", 2);
    const char *end = parts[1] ? strrchr(parts[1], '"') : NULL;
    g_autofree char *conf = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) read = NULL;

    if (!end)
        return;
    conf = g_strdup_printf("[shares]\nallow-write = %.*s\n", (int)(end - parts[1]), parts[1]);
    read = settings_parse(conf, strlen(conf), "F", &error);
    FUZZ_REQUIRE(read, error->message);
    FUZZ_REQUIRE(settings_allows_write(read, path), conf);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *text = size ? g_memdup2(data, size) : g_malloc(1);
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) settings = settings_parse(text, size, "F", &error);
    g_autofree char *beginning = g_strndup(text, size);
    g_autofree char *path = g_strconcat("/", beginning, NULL);
    g_autoptr(Settings) none = settings_new();

    check_advice(none, path);
    FUZZ_REQUIRE((settings != NULL) == (error == NULL), "settings_parse");
    if (!settings) {
        FUZZ_REQUIRE(g_str_has_prefix(error->message, "F: line ") && error->message[8] != '0',
                     error->message);
        return 0;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        check_daemon(settings, names[i]);
    FUZZ_REQUIRE(!settings_allows_write(settings, "/etc/../srv"), "..");
    FUZZ_REQUIRE(!settings_allows_unconfined(settings, "/opt/v/./v"), ".");
    FUZZ_REQUIRE(!settings_allows_write(settings, "etc"), "relative");
    return 0;
}
