/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/commandline.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/autofd.h"
#include "base/io.h"
#include "base/limits.h"
#include "qemu/chardev.h"
#include "qemu/pairs.h"
#include "qemu/readconfig.h"
#include "qemu/words.h"

/* ---- arguments ---- */

/* What QEMU would not understand: it does not start, and nothing is granted. */
static gboolean
not_understood(CommandLine *line, const GError *why)
{
    builder_warn(line->builder, g_strdup(why->message));
    return TRUE;
}

static gboolean
add_list(CommandLine *line, const OptionRow *row, const char *argument, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GPtrArray) pairs = qemu_pairs_parse(argument, row ? row->implied : "", &wrong);

    return pairs ? commandline_by_row(line, row, pairs, TRUE, error) : not_understood(line, wrong);
}

static gboolean
add_chardev(CommandLine *line, const char *argument, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GPtrArray) pairs = qemu_chardev_parse(argument, &wrong);

    return pairs ? commandline_pairs(line, commandline_option("chardev"), pairs, TRUE, error)
                 : not_understood(line, wrong);
}

/* URI, or, since QEMU 8.2, keys and values */
static gboolean
add_incoming(CommandLine *line, const OptionRow *row, const char *argument, GError **error)
{
    static const KeyRow program = {.meaning = MEANS_RUN};
    g_autofree char *path = NULL;

    if (g_str_has_prefix(argument, "exec:"))
        return commandline_value(line, &program, argument + strlen("exec:"), error);
    if (g_str_has_prefix(argument, "unix:"))
        return builder_path(line->builder, argument + strlen("unix:"), PERM_R | PERM_W, ADD_PLAIN,
                            error);
    if (g_str_has_prefix(argument, "file:")) {
        const char *offset = strstr(argument, ",offset=");

        path = offset ? g_strndup(argument, (gsize)(offset - argument)) : g_strdup(argument);
        return commandline_path(line, path + strlen("file:"), PERM_R, ADD_PLAIN, error);
    }
    return *argument != '{' && !strchr(argument, '=') ? TRUE : add_list(line, row, argument, error);
}

/* One key of a thing that another option has made: GROUP.ID.KEY=VALUE */
static gboolean
add_set(CommandLine *line, const char *argument, GError **error)
{
    g_autoptr(GPtrArray) pairs = qemu_pairs_new();
    g_autofree char *name = g_strndup(argument, strcspn(argument, "="));
    g_auto(GStrv) parts = g_strsplit(name, ".", 3);
    const char *value = argument + strlen(name);

    if (*value != '=' || g_strv_length(parts) != 3)
        return TRUE;
    qemu_pairs_add(pairs, parts[2], value + 1);
    return commandline_by_row(line, commandline_option(parts[0]), pairs, FALSE, error);
}

/* DRIVER.KEY=VALUE, or driver=,property=,value= */
static gboolean
add_global(CommandLine *line, const char *argument, GError **error)
{
    g_autoptr(GPtrArray) pairs = qemu_pairs_new();
    g_autofree char *name = g_strndup(argument, strcspn(argument, "="));
    const char *dot = strrchr(name, '.');
    const char *value = argument + strlen(name);

    if (dot && *value == '=') {
        qemu_pairs_add(pairs, dot + 1, value + 1);
    } else {
        g_autoptr(GPtrArray) parts = qemu_pairs_parse(argument, NULL, NULL);
        const char *property = parts ? qemu_pairs_get(parts, "property") : NULL;

        value = parts ? qemu_pairs_get(parts, "value") : NULL;
        if (!property || !value)
            return TRUE;
        qemu_pairs_add(pairs, property, value);
    }
    return commandline_pairs(line, commandline_option("device"), pairs, FALSE, error);
}

/* ---- a file of options ---- */

/* What is no file is as good as empty. */
static char *
read_config(Host *host, const char *path, GError **error)
{
    g_auto(AutoFd) fd = host_open_regular(host, path);
    char *text = NULL;

    if (fd < 0)
        return g_strdup("");
    return base_read_fd(fd, LIMIT_QEMU_CONFIG_BYTES, path, &text, NULL, error) ? text : NULL;
}

static gboolean
add_config(CommandLine *line, const char *path, GError **error)
{
    static const KeyRow file = {.meaning = MEANS_READ};
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GPtrArray) sections = NULL;
    g_autofree char *text = NULL;

    if (!commandline_value(line, &file, path, error))
        return FALSE;
    if (*path != '/')
        return TRUE;
    text = read_config(line->builder->host, path, &wrong);
    sections = text ? qemu_readconfig_parse(text, &wrong) : NULL;
    if (!sections)
        return not_understood(line, wrong);
    for (guint i = 0; i < sections->len; i++) {
        const QemuSection *section = g_ptr_array_index(sections, i);

        if (!commandline_by_row(line, commandline_option(section->group), section->pairs, TRUE,
                                error))
            return FALSE;
    }
    return TRUE;
}

/* ---- words ---- */

static gboolean
add_option(CommandLine *line, const OptionRow *row, const char *argument, GError **error)
{
    KeyRow value = {.key = row->name, .meaning = row->meaning};

    line->pairs = NULL;
    switch (row->reading) {
    case READ_ALONE:
    case READ_TEXT:
        return TRUE;
    case READ_VALUE:
        return commandline_value(line, &value, argument, error);
    case READ_PAIRS:
    case READ_DRIVE:
    case READ_BLOCKDEV:
        return add_list(line, row, argument, error);
    case READ_CHARDEV:
        return add_chardev(line, argument, error);
    case READ_IMAGE:
        return commandline_image(line, argument, g_str_equal(row->name, "cdrom"), error);
    case READ_INCOMING:
        return add_incoming(line, row, argument, error);
    case READ_CONFIG:
        return add_config(line, argument, error);
    case READ_SET:
        return add_set(line, argument, error);
    case READ_GLOBAL:
        return add_global(line, argument, error);
    }
    g_assert_not_reached();
}

static int
takes_argument(const char *option)
{
    const OptionRow *row = commandline_option(option);

    return row ? row->reading != READ_ALONE : -1;
}

static gboolean
add_word(CommandLine *line, const QemuWord *word, GError **error)
{
    GPtrArray *arguments = line->builder->domain->qemu_arguments;
    const OptionRow *row = commandline_option(word->kind == QEMU_WORD_IMAGE ? "hda" : word->option);
    guint at = word->kind == QEMU_WORD_OPTION ? word->at + 1 : word->at;
    const DomainSetting *setting = g_ptr_array_index(arguments, at);

    /* a word that is neither an option nor a path is nobody's disk */
    if (!word->argument || (word->kind == QEMU_WORD_IMAGE && !strchr(word->argument, '/')))
        return TRUE;
    builder_at(line->builder, row ? g_strconcat("-", row->name, NULL) : g_strdup("<qemu:arg>"),
               setting->line);
    return row ? add_option(line, row, word->argument, error)
               : add_list(line, NULL, word->argument, error);
}

static gboolean
add_words(CommandLine *line, GError **error)
{
    GPtrArray *arguments = line->builder->domain->qemu_arguments;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    QemuWord word;

    for (guint i = 0; i < arguments->len; i++)
        g_ptr_array_add(words, ((DomainSetting *)g_ptr_array_index(arguments, i))->value);
    /* it is for the disks before it as well */
    for (guint at = 0; qemu_words_next((const char *const *)words->pdata, words->len, &at,
                                       takes_argument, &word);)
        line->snapshot |= word.kind == QEMU_WORD_ALONE && g_str_equal(word.option, "snapshot");
    for (guint at = 0; qemu_words_next((const char *const *)words->pdata, words->len, &at,
                                       takes_argument, &word);)
        if (!add_word(line, &word, error))
            return FALSE;
    return TRUE;
}

/* ---- what is beside the words ---- */

/* Names whose paths are no files that QEMU opens. */
static gboolean
is_search_path(const char *name)
{
    static const char *const names[] = {"HOME", "LD_LIBRARY_PATH", "LOGNAME", "PATH",
                                        "PWD",  "SHELL",           "USER",    NULL};

    return g_strv_contains(names, name) || g_str_has_prefix(name, "XDG_CACHE") ||
           g_str_has_prefix(name, "XDG_CONFIG") || g_str_has_prefix(name, "XDG_DATA");
}

static gboolean
add_environment(CommandLine *line, GError **error)
{
    GPtrArray *environment = line->builder->domain->qemu_environment;

    for (guint i = 0; i < environment->len; i++) {
        const DomainSetting *setting = g_ptr_array_index(environment, i);
        const KeyRow *row = commandline_key("env", NULL, setting->name);
        g_autofree char *socket = NULL;

        builder_at(line->builder, g_strdup("<qemu:env>"), setting->line);
        if (g_str_equal(setting->name, "TMPDIR") && *setting->value == '/') {
            /* for QEMU this is no place for large files (create_tmp_file() of its block.c) */
            line->temp_dir = g_str_equal(setting->value, "/tmp") ? "/var/tmp" : setting->value;
        } else if (g_str_equal(setting->name, "PIPEWIRE_RUNTIME_DIR")) {
            socket = g_build_filename(setting->value, "pipewire-0", NULL);
            if (!builder_path(line->builder, socket, PERM_R | PERM_W, ADD_PLAIN, error))
                return FALSE;
        } else if (row) {
            if (!commandline_value(line, row, setting->value, error))
                return FALSE;
        } else if (!is_search_path(setting->name)) {
            commandline_warn(line, setting->value);
        }
    }
    return TRUE;
}

/* Properties of devices that are libvirt's, of kinds that are not looked up. */
static gboolean
add_properties(CommandLine *line, GError **error)
{
    GPtrArray *properties = line->builder->domain->qemu_properties;

    for (guint i = 0; i < properties->len; i++) {
        const DomainSetting *setting = g_ptr_array_index(properties, i);
        g_autoptr(GPtrArray) pairs = qemu_pairs_new();

        builder_at(line->builder, g_strdup("<qemu:property>"), setting->line);
        qemu_pairs_add(pairs, setting->name, setting->value);
        if (!commandline_pairs(line, commandline_option("device"), pairs, FALSE, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
model_add_commandline(Builder *builder, GError **error)
{
    g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    CommandLine line = {.builder = builder, .temp_dir = "/var/tmp", .nodes = nodes};

    if (builder->domain->virt != DOMAIN_VIRT_QEMU && builder->domain->virt != DOMAIN_VIRT_KVM)
        return TRUE;
    return add_environment(&line, error) && add_words(&line, error) && add_properties(&line, error);
}
