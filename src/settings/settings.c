/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/settings.h"

#include <fnmatch.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "settings/modcaps.h"
#include "virtiofsd/extra.h"

#define VM_GROUP "vm "

struct _Settings {
    GKeyFile *file;
    char **groups; /* in the file's order */
};

typedef enum {
    VALUE_PATHS,   /* a list of absolute paths or patterns of them */
    VALUE_PATH,    /* one */
    VALUE_OPTIONS, /* a list of options, each "--something" or "-o something" */
} ValueKind;

static const struct {
    const char *group; /* "vm " stands for all that begin so */
    const char *key;
    ValueKind kind;
} known_keys[] = {
    {"shares", "allow-write", VALUE_PATHS}, {"virtiofsd", "allow-unconfined", VALUE_PATHS},
    {"virtiofsd", "binary", VALUE_PATH},    {"virtiofsd", "options", VALUE_OPTIONS},
    {VM_GROUP, "binary", VALUE_PATH},       {VM_GROUP, "options", VALUE_OPTIONS},
};

/* Where [@group] is in @text, or, with a @key, where that is in it. GKeyFile does not keep lines. */
static guint
line_of(const char *text, const char *group, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *header = g_strdup_printf("[%s]", group);
    gboolean in_group = FALSE;

    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);
        char *equals = strchr(line, '=');

        if (*line == '[') {
            in_group = g_str_equal(line, header);
            if (in_group && !key)
                return i + 1;
        } else if (in_group && key && equals && *line != '#') {
            *equals = '\0';
            if (g_str_equal(g_strchomp(line), key))
                return i + 1;
        }
    }
    return 0;
}

/* The first line that is neither comment, group nor key, which GKeyFile's message only quotes. */
static guint
odd_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line == '\0' || *line == '#' || (*line == '[' && g_str_has_suffix(line, "]")))
            continue;
        if (*line == '=' || !strchr(line, '='))
            return i + 1;
    }
    return 0;
}

static gboolean
check_value(ValueKind kind, const char *value, const char *where, GError **error)
{
    switch (kind) {
    case VALUE_PATH:
    case VALUE_PATHS:
        if (*value == '/')
            return TRUE;
        return base_set_error(error, BASE_ERROR_FAILED, _("%s: '%s' is not an absolute path"),
                              where, value);
    case VALUE_OPTIONS:
        return TRUE; /* check_options(): they are not right or wrong one by one */
    }
    g_assert_not_reached();
}

static char **
get_list(const Settings *settings, const char *group, const char *key)
{
    char **values = g_key_file_get_string_list(settings->file, group, key, NULL, NULL);

    for (char **value = values; value && *value; value++)
        g_strstrip(*value);
    return values;
}

/* "--cache never" and "-o LIST" are two arguments. */
static void
add_option(GPtrArray *options, const char *value)
{
    gsize word = strcspn(value, " \t=");

    if (*value == '-' && (value[word] == ' ' || value[word] == '\t')) {
        g_ptr_array_add(options, g_strndup(value, word));
        g_ptr_array_add(options, g_strchug(g_strdup(value + word)));
    } else {
        g_ptr_array_add(options, g_strdup(value));
    }
}

static GPtrArray *
new_options(void)
{
    return g_ptr_array_new_null_terminated(0, g_free, TRUE);
}

static gboolean
check_options(char **values, const char *where, GError **error)
{
    g_autoptr(GPtrArray) options = new_options();
    Failure failure;

    for (char **value = values; *value; value++)
        add_option(options, *value);
    if (extra_check((char *const *)options->pdata, &failure))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED, "%s: %s", where, failure.text);
}

static gboolean
check_key(const Settings *settings, const char *text, const char *what, const char *group,
          const char *key, GError **error)
{
    g_autofree char *where = g_strdup_printf(_("%s: line %u"), what, line_of(text, group, key));

    for (gsize i = 0; i < G_N_ELEMENTS(known_keys); i++) {
        gboolean is_vm =
            g_str_equal(known_keys[i].group, VM_GROUP) && g_str_has_prefix(group, VM_GROUP);
        g_auto(GStrv) values = NULL;

        if (!g_str_equal(known_keys[i].key, key) ||
            (!is_vm && !g_str_equal(known_keys[i].group, group)))
            continue;
        values = get_list(settings, group, key);
        if (!values || !*values)
            return base_set_error(error, BASE_ERROR_FAILED, _("%s: %s has no value"), where, key);
        if (known_keys[i].kind == VALUE_PATH && values[1])
            return base_set_error(error, BASE_ERROR_FAILED, _("%s: %s takes one value"), where,
                                  key);
        for (char **value = values; *value; value++)
            if (!check_value(known_keys[i].kind, *value, where, error))
                return FALSE;
        return known_keys[i].kind != VALUE_OPTIONS || check_options(values, where, error);
    }
    return base_set_error(error, BASE_ERROR_FAILED, _("%s: there is no key '%s' in [%s]"), where,
                          key, group);
}

static gboolean
check_group(const Settings *settings, const char *text, const char *what, const char *group,
            GError **error)
{
    g_auto(GStrv) keys = g_key_file_get_keys(settings->file, group, NULL, NULL);

    if (!g_str_equal(group, "shares") && !g_str_equal(group, "virtiofsd") &&
        !(g_str_has_prefix(group, VM_GROUP) && group[strlen(VM_GROUP)]))
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("%s: line %u: there is no group [%s]; there are [shares], [virtiofsd] and [vm NAME]"),
            what, line_of(text, group, NULL), group);
    for (char **key = keys; key && *key; key++)
        if (!check_key(settings, text, what, group, *key, error))
            return FALSE;
    return TRUE;
}

Settings *
settings_new(void)
{
    Settings *settings = g_new0(Settings, 1);

    settings->file = g_key_file_new();
    settings->groups = g_key_file_get_groups(settings->file, NULL);
    return settings;
}

void
settings_free(Settings *settings)
{
    g_key_file_unref(settings->file);
    g_strfreev(settings->groups);
    g_free(settings);
}

Settings *
settings_parse(const char *text, const char *what, GError **error)
{
    g_autoptr(Settings) settings = settings_new();

    if (*text &&
        !g_key_file_load_from_data(settings->file, text, strlen(text), G_KEY_FILE_NONE, error)) {
        g_prefix_error(error, _("%s: line %u: "), what, odd_line(text));
        return NULL;
    }
    g_strfreev(settings->groups);
    settings->groups = g_key_file_get_groups(settings->file, NULL);
    for (char **group = settings->groups; *group; group++)
        if (!check_group(settings, text, what, *group, error))
            return NULL;
    return g_steal_pointer(&settings);
}

static gboolean
names_path(const char *pattern, const char *path)
{
    g_autofree char *base = NULL;

    if (!g_str_has_suffix(pattern, "/**"))
        return fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
    base = g_strndup(pattern, strlen(pattern) - strlen("/**"));
    return fnmatch(base, path, FNM_PATHNAME | FNM_PERIOD | FNM_LEADING_DIR) == 0;
}

static gboolean
list_names(const Settings *settings, const char *group, const char *key, const char *path)
{
    g_auto(GStrv) patterns = get_list(settings, group, key);

    for (char **pattern = patterns; pattern && *pattern; pattern++)
        if (names_path(*pattern, path))
            return TRUE;
    return FALSE;
}

gboolean
settings_allows_write(const Settings *settings, const char *dir)
{
    return list_names(settings, "shares", "allow-write", dir);
}

gboolean
settings_allows_unconfined(const Settings *settings, const char *path)
{
    return list_names(settings, "virtiofsd", "allow-unconfined", path);
}

/* Whether what [@group] says is for the VM @name. */
static gboolean
is_for(const char *group, const char *name)
{
    if (g_str_equal(group, "virtiofsd"))
        return TRUE;
    return g_str_has_prefix(group, VM_GROUP) && fnmatch(group + strlen(VM_GROUP), name, 0) == 0;
}

const char *
settings_binary(const Settings *settings, const char *name)
{
    const char *found = NULL;
    gboolean found_for_vm = FALSE;

    for (char **group = settings->groups; *group; group++) {
        g_autofree char *binary = NULL;
        gboolean for_vm = g_str_has_prefix(*group, VM_GROUP);

        if (!is_for(*group, name) || (found_for_vm && !for_vm))
            continue;
        binary = g_key_file_get_string(settings->file, *group, "binary", NULL);
        if (!binary)
            continue;
        found = g_intern_string(g_strstrip(binary));
        found_for_vm = for_vm;
    }
    return found;
}

GPtrArray *
settings_options(const Settings *settings, const char *name)
{
    GPtrArray *options = new_options();

    for (char **group = settings->groups; *group; group++) {
        g_auto(GStrv) values = NULL;

        if (!is_for(*group, name))
            continue;
        values = get_list(settings, *group, "options");
        for (char **value = values; value && *value; value++)
            add_option(options, *value);
    }
    modcaps_merge(options);
    return options;
}
