/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "settings/lines.h"
#include "settings/patterns.h"
#include "settings/private.h"
#include "virtiofsd/extra.h"

#define VM_GROUP "vm "

typedef enum {
    GROUP_SHARES,
    GROUP_VIRTIOFSD,
    GROUP_VM,
} GroupKind;

typedef enum {
    KEY_ALLOW_READ,
    KEY_ALLOW_WRITE,
    KEY_ALLOW_UNCONFINED,
    KEY_BINARY,
    KEY_OPTIONS,
    KEY_UNRECORDED,
} KeyId;

static const struct {
    GroupKind group;
    const char *name;
    KeyId id;
} known_keys[] = {
    {GROUP_SHARES, "allow-read", KEY_ALLOW_READ},
    {GROUP_SHARES, "allow-write", KEY_ALLOW_WRITE},
    {GROUP_VIRTIOFSD, "allow-unconfined", KEY_ALLOW_UNCONFINED},
    {GROUP_VIRTIOFSD, "binary", KEY_BINARY},
    {GROUP_VIRTIOFSD, "options", KEY_OPTIONS},
    {GROUP_VIRTIOFSD, "unrecorded", KEY_UNRECORDED},
    {GROUP_VM, "binary", KEY_BINARY},
    {GROUP_VM, "options", KEY_OPTIONS},
};

/* Where the reading has got to. */
typedef struct {
    Settings *settings;
    Lines lines;
    GHashTable *groups; /* of char*: the lines of those that have been there */
    GHashTable *keys;   /* the same of the keys of this group */
    GroupKind group;
    Daemon *daemon; /* (nullable): of this group */
} Parser;

/* ---- values ---- */

/* The entries of @value between semicolons, without the blanks around them. "\;" is no separator. */
static GPtrArray *
split_list(const char *value)
{
    g_autoptr(GPtrArray) entries = settings_new_strings();
    g_autoptr(GString) entry = g_string_new(NULL);

    for (const char *p = value;; p++) {
        if (p[0] == '\\' && p[1] == ';') {
            g_string_append_c(entry, *++p);
        } else if (p[0] == '\\' && p[1]) {
            g_string_append_len(entry, p++, 2);
        } else if (*p && *p != ';') {
            g_string_append_c(entry, *p);
        } else {
            g_ptr_array_add(entries, g_strstrip(g_strdup(entry->str)));
            g_string_truncate(entry, 0);
            if (!*p)
                break;
        }
    }
    return g_steal_pointer(&entries);
}

static gboolean
is_there_before(GPtrArray *entries, guint at)
{
    for (guint i = 0; i < at; i++)
        if (g_str_equal(g_ptr_array_index(entries, i), g_ptr_array_index(entries, at)))
            return TRUE;
    return FALSE;
}

static gboolean
check_list(GPtrArray *entries, GError **error)
{
    for (guint i = 0; i < entries->len; i++) {
        const char *entry = g_ptr_array_index(entries, i);

        if (!*entry)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  entries->len == 1
                                      ? _("there is no value: write one, or remove the line")
                                      : _("an entry of the list is empty: remove a ';'"));
        if (is_there_before(entries, i))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' is in the list twice: remove one"), entry);
    }
    return TRUE;
}

/* The entries of @value, all of which say something. */
static GPtrArray *
read_list(const char *value, GError **error)
{
    g_autoptr(GPtrArray) entries = split_list(value);

    /* a semicolon may stand behind the last entry too */
    if (entries->len > 1 && !*(char *)g_ptr_array_index(entries, entries->len - 1))
        g_ptr_array_remove_index(entries, entries->len - 1);
    return check_list(entries, error) ? g_steal_pointer(&entries) : NULL;
}

static gboolean
take_patterns(GPtrArray *patterns, GPtrArray *entries, GError **error)
{
    for (guint i = 0; i < entries->len; i++) {
        if (!patterns_check(g_ptr_array_index(entries, i), error))
            return FALSE;
        g_ptr_array_add(patterns, g_strdup(g_ptr_array_index(entries, i)));
    }
    return TRUE;
}

static gboolean
take_binary(Daemon *daemon, GPtrArray *entries, GError **error)
{
    if (entries->len > 1)
        return base_set_error(error, BASE_ERROR_FAILED, _("it takes one value: write one path"));
    daemon->binary = patterns_read_path(g_ptr_array_index(entries, 0), error);
    return daemon->binary != NULL;
}

static gboolean
take_unrecorded(Settings *settings, const char *word, GError **error)
{
    settings->refuse_unrecorded = g_str_equal(word, "refuse");
    if (settings->refuse_unrecorded || g_str_equal(word, "pass"))
        return TRUE;
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("'%s' is neither pass nor refuse: write one of these"), word);
}

/* "--cache never" and "-o LIST" are two arguments. */
static void
add_option(GPtrArray *options, const char *entry)
{
    gsize word = strcspn(entry, " \t=");

    if (*entry == '-' && (entry[word] == ' ' || entry[word] == '\t')) {
        g_ptr_array_add(options, g_strndup(entry, word));
        g_ptr_array_add(options, g_strdup(entry + word + strspn(entry + word, " \t")));
    } else {
        g_ptr_array_add(options, g_strdup(entry));
    }
}

/* "--xattr, --posix-acl" and "--cache=never --xattr": two options, of which one would be in the value of
 * the other. No value has its like. */
static gboolean
holds_another(const char *entry)
{
    for (const char *dash = strstr(entry, "--"); dash; dash = strstr(dash + 2, "--"))
        if (dash > entry && strchr(" \t,", dash[-1]))
            return TRUE;
    return FALSE;
}

static gboolean
take_options(Daemon *daemon, GPtrArray *entries, GError **error)
{
    Failure failure;

    for (guint i = 0; i < entries->len; i++)
        add_option(daemon->options, g_ptr_array_index(entries, i));
    if (!extra_check((char *const *)daemon->options->pdata, &failure))
        return base_set_error(error, BASE_ERROR_FAILED, "%s", failure.text);
    for (guint i = 0; i < entries->len; i++)
        if (holds_another(g_ptr_array_index(entries, i)))
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("'%s' is more than one option: a list is separated by ';'"),
                                  (char *)g_ptr_array_index(entries, i));
    return TRUE;
}

/* ---- lines ---- */

/* Says that the current group or key is there for the second time, if it is. */
static gboolean
check_first(Parser *parser, GHashTable *seen, const char *name, GError **error)
{
    const guint *before = g_hash_table_lookup(seen, name);

    if (before)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("it is in line %u already: write all of it there"), *before);
    g_hash_table_insert(seen, g_strdup(name),
                        g_memdup2(&parser->lines.number, sizeof(parser->lines.number)));
    return TRUE;
}

static gboolean
take_group(Parser *parser, GError **error)
{
    const char *name = parser->lines.group;

    parser->daemon = NULL;
    g_hash_table_remove_all(parser->keys);
    if (!check_first(parser, parser->groups, name, error))
        return FALSE;
    if (g_str_equal(name, "shares")) {
        parser->group = GROUP_SHARES;
        return TRUE;
    }
    if (g_str_equal(name, "virtiofsd"))
        parser->group = GROUP_VIRTIOFSD;
    else if (g_str_has_prefix(name, VM_GROUP) && name[strlen(VM_GROUP)])
        parser->group = GROUP_VM;
    else
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("there is no such group; there are [shares], [virtiofsd] and [vm NAME]"));
    parser->daemon = g_new0(Daemon, 1);
    parser->daemon->options = settings_new_strings();
    g_ptr_array_add(parser->settings->daemons, parser->daemon);
    if (parser->group == GROUP_VIRTIOFSD)
        return TRUE;
    parser->daemon->vm = g_strdup(name + strlen(VM_GROUP));
    return patterns_check_name(parser->daemon->vm, error);
}

static gboolean
take_value(Parser *parser, KeyId id, GError **error)
{
    g_autoptr(GPtrArray) entries = read_list(parser->lines.value, error);

    if (!entries)
        return FALSE;
    switch (id) {
    case KEY_ALLOW_READ:
        return take_patterns(parser->settings->allow_read, entries, error);
    case KEY_ALLOW_WRITE:
        return take_patterns(parser->settings->allow_write, entries, error);
    case KEY_ALLOW_UNCONFINED:
        return take_patterns(parser->settings->allow_unconfined, entries, error);
    case KEY_BINARY:
        return take_binary(parser->daemon, entries, error);
    case KEY_OPTIONS:
        return take_options(parser->daemon, entries, error);
    case KEY_UNRECORDED:
        return take_unrecorded(parser->settings, parser->lines.value, error);
    }
    g_assert_not_reached();
}

static gboolean
take_key(Parser *parser, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(known_keys); i++) {
        if (known_keys[i].group != parser->group)
            continue;
        if (g_str_equal(known_keys[i].name, parser->lines.key))
            return check_first(parser, parser->keys, parser->lines.key, error) &&
                   take_value(parser, known_keys[i].id, error);
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", known_keys[i].name);
    }
    return base_set_error(error, BASE_ERROR_FAILED, _("there is no key '%s' here; there is: %s"),
                          parser->lines.key, names->str);
}

static gboolean
parse(Parser *parser, GError **error)
{
    for (;;)
        switch (lines_next(&parser->lines, error)) {
        case LINE_GROUP:
            if (!take_group(parser, error))
                return FALSE;
            break;
        case LINE_KEY:
            if (!take_key(parser, error))
                return FALSE;
            break;
        case LINE_END:
            return TRUE;
        case LINE_BAD:
            return FALSE;
        }
}

Settings *
settings_parse(const char *text, gsize length, const char *what, GError **error)
{
    g_autoptr(Settings) settings = settings_new();
    g_autoptr(GHashTable) groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Parser parser = {.settings = settings, .groups = groups, .keys = keys};
    gboolean good;

    lines_start(&parser.lines, what, text, length);
    good = parse(&parser, error);
    if (!good)
        lines_prefix(&parser.lines, error);
    lines_clear(&parser.lines);
    return good ? g_steal_pointer(&settings) : NULL;
}
