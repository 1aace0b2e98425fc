/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/profile-rules.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/io.h"
#include "base/limits.h"
#include "ctl/glob.h"

/* Includes in includes; the parser's own bound is 1000, and no policy has ten. */
#define DEPTH_MAX 20

typedef struct {
    const char *include_dir;
    const char *but;
    const char *path;
    GHashTable *variables;
    GPtrArray *found;
    guint depth;  /* of includes */
    guint blocks; /* that are open: 1 is the profile */
} Search;

static void
rule_free(ProfileRule *rule)
{
    g_free(rule->file);
    g_free(rule->text);
    g_free(rule);
}

static void scan(Search *search, const char *text, const char *file);

/* ---- includes ---- */

/* A link is followed, as the parser does it. */
static void
scan_file(Search *search, const char *path)
{
    g_auto(AutoFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    g_autofree char *text = NULL;
    struct stat found;

    if (fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
        base_read_fd(fd, LIMIT_FILE_BYTES, path, &text, NULL, NULL))
        scan(search, text, path);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of a directory the parser takes all but what editors and packages leave. */
static void
scan_directory(Search *search, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (*name != '.' && !g_str_has_suffix(name, "~") && !strstr(name, ".dpkg-") &&
            !strstr(name, ".rpm"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *file = g_build_filename(path, g_ptr_array_index(names, i), NULL);

        scan_file(search, file);
    }
}

/* TRUE: @line is an include. "#include" is one as well, and so is what stands in quotes. */
static gboolean
take_include(Search *search, const char *line)
{
    static const char form[] = "^#?include(?:\\s+if\\s+exists)?\\s*(?:<([^>]*)>|\"([^\"]*)\")";
    g_autoptr(GRegex) regex = g_regex_new(form, G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL;
    g_autofree char *path = NULL;

    if (!g_regex_match(regex, line, 0, &match))
        return FALSE;
    name = g_match_info_fetch(match, 1);
    if (!*name) {
        g_free(name);
        name = g_match_info_fetch(match, 2);
    }
    if (g_strcmp0(name, search->but) == 0 || search->depth == DEPTH_MAX)
        return TRUE;
    path = *name == '/' ? g_strdup(name) : g_build_filename(search->include_dir, name, NULL);
    search->depth++;
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        scan_directory(search, path);
    else
        scan_file(search, path);
    search->depth--;
    return TRUE;
}

/* ---- variables ---- */

/* TRUE: @line is "@{NAME}=VALUE…", or += */
static gboolean
take_variable(Search *search, const char *line)
{
    g_autoptr(GRegex) regex =
        g_regex_new("^@\\{([^}]*)\\}\\s*\\+?=\\s*(.*)$", G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL;
    g_autofree char *values = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_regex_match(regex, line, 0, &match))
        return FALSE;
    name = g_match_info_fetch(match, 1);
    values = g_match_info_fetch(match, 2);
    if (!g_shell_parse_argv(values, NULL, &words, NULL))
        words = g_strsplit_set(values, " \t", -1);
    for (char **word = words; *word; word++)
        if (**word)
            glob_variable_add(search->variables, name, *word);
    return TRUE;
}

/* ---- rules ---- */

/* The path of the file rule @line, whose words are in either order, and whether it denies. */
static char *
path_of_rule(const char *line, gboolean *deny)
{
    static const char form[] =
        "^((?:audit\\s+|allow\\s+|deny\\s+|owner\\s+|other\\s+|file\\s+|priority=\\S+\\s+)*)"
        "(?:[rwaxmklipPcCuUsSB]+\\s+)?(?:\"([^\"]*)\"|((?:/|@\\{)\\S*))(?:\\s+[a-zA-Z]+)?"
        "(?:\\s*->.*)?\\s*,";
    g_autoptr(GRegex) regex = g_regex_new(form, G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *before = NULL;
    char *path;

    if (!g_regex_match(regex, line, 0, &match))
        return NULL;
    before = g_match_info_fetch(match, 1);
    *deny = strstr(before, "deny") != NULL;
    path = g_match_info_fetch(match, 2);
    if (*path)
        return path;
    g_free(path);
    return g_match_info_fetch(match, 3);
}

static void
take_rule(Search *search, const char *line, const char *file, guint number)
{
    g_autoptr(GString) expression = g_string_new(NULL);
    gboolean deny = FALSE;
    g_autofree char *pattern = path_of_rule(line, &deny);
    ProfileRule *rule;

    if (!pattern || !glob_append(expression, pattern, search->variables) ||
        !glob_matches(expression, search->path))
        return;
    rule = g_new0(ProfileRule, 1);
    rule->file = g_strdup(file);
    rule->line = number;
    rule->text = g_strdup(line);
    rule->deny = deny;
    g_ptr_array_add(search->found, rule);
}

static void
scan(Search *search, const char *text, const char *file)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);

        if (take_include(search, line) || *line == '#' || !*line || take_variable(search, line))
            continue;
        if (g_str_has_suffix(line, "{"))
            search->blocks++;
        else if (*line == '}' && search->blocks > 0)
            search->blocks--;
        else if (search->blocks == 1)
            take_rule(search, line, file, i + 1);
    }
}

GPtrArray *
profile_rules_find(const char *text, const char *file, const char *include_dir, const char *but,
                   const char *path)
{
    g_autoptr(GHashTable) variables = glob_variables_new();
    Search search = {
        .include_dir = include_dir,
        .but = but,
        .path = path,
        .variables = variables,
        .found = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free),
    };

    scan(&search, text, file);
    return search.found;
}
