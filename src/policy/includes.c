/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/includes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/io.h"
#include "base/limits.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

#define SPACE " \t\r\n"

/* Against accidents: who could make two texts of one digest is root, and writes the policy itself. SHA-256 takes
 * GLib more than five times as long. */
#define DIGEST G_CHECKSUM_MD5

typedef struct {
    const char *const *dirs;
    GChecksum *sum;
    GHashTable *seen; /* paths: each is read once */
    GQueue *texts;    /* of char*: what was read and is not looked through yet */
    gsize bytes;
} Walk;

/* ---- files ---- */

/* With its length, so that no two lists of texts are one. */
static void
add(Walk *walk, const char *bytes, gsize len)
{
    const guint64 length = len;

    g_checksum_update(walk->sum, (const guchar *)&length, sizeof(length));
    g_checksum_update(walk->sum, (const guchar *)bytes, (gssize)len);
}

static gboolean add_path(Walk *walk, const char *path, gboolean in_directory);

static int
compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Hidden ones are never included. */
static gboolean
add_directory(Walk *walk, AutoFd *fd, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(DIR) entries = fdopendir(*fd);
    const struct dirent *entry;

    if (!entries)
        return FALSE;
    autofd_steal(fd);
    while ((errno = 0, entry = readdir(entries)))
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    if (errno != 0)
        return FALSE;
    g_ptr_array_sort(names, compare);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *below = g_build_filename(path, g_ptr_array_index(names, i), NULL);

        if (!add_path(walk, below, TRUE))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_file(Walk *walk, int fd, const char *path)
{
    g_autofree char *text = NULL;
    gsize len = 0;

    if (!base_read_fd(fd, LIMIT_FILE_BYTES, path, &text, &len, NULL))
        return FALSE;
    add(walk, text, len);
    walk->bytes += len;
    g_queue_push_tail(walk->texts, g_steal_pointer(&text));
    return walk->bytes <= LIMIT_FILE_BYTES;
}

/* Links are followed, as the parser does it.
 * @in_directory: the parser goes no further down, but may come to it by another way */
static gboolean
add_path(Walk *walk, const char *path, gboolean in_directory)
{
    g_auto(AutoFd) fd = -1;
    struct stat found;

    if (!g_hash_table_add(walk->seen, g_strdup(path)))
        return TRUE;
    if (g_hash_table_size(walk->seen) > LIMIT_INCLUDES)
        return FALSE;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR;
    add(walk, path, strlen(path));
    if (fstat(fd, &found) < 0)
        return FALSE;
    if (S_ISREG(found.st_mode))
        return add_file(walk, fd, path);
    if (!S_ISDIR(found.st_mode))
        return FALSE;
    if (!in_directory)
        return add_directory(walk, &fd, path);
    g_hash_table_remove(walk->seen, path);
    return TRUE;
}

/* ---- what a text names ---- */

/* Moves past @word and the white space behind it, which the parser does without before a name in brackets:
 * "#include<NAME>". */
static gboolean
skip_word(const char **at, const char *word)
{
    const char *after = *at + strlen(word);

    if (!g_str_has_prefix(*at, word) || !*after || !strchr(SPACE "<\"", *after))
        return FALSE;
    *at = after + strspn(after, SPACE);
    return TRUE;
}

/* "<NAME>", the same with quotes inside, "NAME" with quotes, or NAME alone. Returns: (transfer full) (nullable) */
static char *
read_name(const char *at)
{
    const char *end = *at == '<' ? ">\n" : SPACE ",";
    gsize len;

    if (*at == '<')
        at++;
    if (*at == '"') {
        at++;
        end = "\"\n";
    }
    len = strcspn(at, end);
    return len > 0 && len < LIMIT_PATH_BYTES ? g_strndup(at, len) : NULL;
}

static gboolean
add_name(Walk *walk, const char *name)
{
    g_autofree char *absolute = g_build_filename("/", name, NULL);

    for (gsize i = 0; walk->dirs[i]; i++) {
        g_autofree char *path = g_build_filename(walk->dirs[i], name, NULL);

        if (!add_path(walk, path, FALSE))
            return FALSE;
    }
    return add_path(walk, absolute, FALSE);
}

/* What stands behind each @word. */
static gboolean
add_named(Walk *walk, const char *text, const char *word)
{
    for (const char *found = strstr(text, word); found; found = strstr(found + 1, word)) {
        const char *at = found;
        g_autofree char *name = NULL;

        if (!skip_word(&at, word))
            continue;
        if (skip_word(&at, "if"))
            skip_word(&at, "exists");
        name = read_name(at);
        if (name && !add_name(walk, name))
            return FALSE;
    }
    return TRUE;
}

/* ---- the parser ---- */

/* What the options of the parser's configuration that @line may have lead to: a file of features decides what
 * can be compiled of a rule. Returns: FALSE where that is not known, as where other directories are named to look
 * for includes. */
static gboolean
add_option(Walk *walk, char *line)
{
    const char *option = g_strchug(line);
    const char *value = strchr(option, '=');
    g_autofree char *name = g_ascii_strdown(option, value ? value - option : -1);
    g_autofree char *path = NULL;

    if (*option == '#')
        return TRUE;
    if (g_str_has_prefix(name, "include") || g_str_has_prefix(name, "base"))
        return FALSE;
    if (!strstr(name, "features") && !strstr(name, "abi"))
        return TRUE;
    if (!value)
        return FALSE;
    value += 1 + strspn(value + 1, SPACE "\"");
    path = g_strndup(value, strcspn(value, SPACE "\""));
    return *path == '/' && add_path(walk, path, FALSE);
}

static gboolean
add_configuration(Walk *walk, const char *path)
{
    g_auto(GStrv) lines = NULL;

    if (!add_path(walk, path, FALSE))
        return FALSE;
    if (g_queue_is_empty(walk->texts))
        return TRUE;
    lines = g_strsplit(g_queue_peek_tail(walk->texts), "\n", -1);
    for (char **line = lines; *line; line++)
        if (!add_option(walk, *line))
            return FALSE;
    return TRUE;
}

/* A new one, or other options, make other policy of the same text. */
static gboolean
add_parser(Walk *walk, const IncludesParser *parser)
{
    struct stat found;
    g_autofree char *which = NULL;

    if (stat(parser->path, &found) < 0)
        return FALSE;
    which = g_strdup_printf("%ju %ju %jd %jd.%09ld %jd.%09ld", (uintmax_t)found.st_dev,
                            (uintmax_t)found.st_ino, (intmax_t)found.st_size,
                            (intmax_t)found.st_mtim.tv_sec, found.st_mtim.tv_nsec,
                            (intmax_t)found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
    add(walk, which, strlen(which));
    return add_configuration(walk, parser->configuration);
}

/* ---- all ---- */

static gboolean
walk_all(Walk *walk, const char *text, const IncludesParser *parser)
{
    char *next;

    if (!add_parser(walk, parser))
        return FALSE;
    g_queue_push_tail(walk->texts, g_strdup(text));
    while ((next = g_queue_pop_head(walk->texts))) {
        g_autofree char *one = next;

        /* "abi" names the features that a text was written for */
        if (!add_named(walk, one, "include") || !add_named(walk, one, "abi"))
            return FALSE;
    }
    return TRUE;
}

char *
includes_digest(const char *text, const char *const *dirs, const IncludesParser *parser)
{
    g_autoptr(GChecksum) sum = g_checksum_new(DIGEST);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Walk walk = {.dirs = dirs, .sum = sum, .seen = seen, .texts = g_queue_new()};
    gboolean known = walk_all(&walk, text, parser);

    g_queue_free_full(walk.texts, g_free);
    return known ? g_strdup(g_checksum_get_string(sum)) : NULL;
}
