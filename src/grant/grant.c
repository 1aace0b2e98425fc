/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "grant/grant.h"

#include <string.h>

GPtrArray *
grants_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)grant_free);
}

void
grants_add(GPtrArray *to, GPtrArray *grants)
{
    for (guint i = 0; i < grants->len; i++)
        g_ptr_array_add(to, grant_copy(g_ptr_array_index(grants, i)));
}

/* The parts of a path are never NULL, so that nobody who reads them has to ask for the kind first. */
static Grant *
append(GPtrArray *to, GrantKind kind, const char *before, const char *literal, const char *after)
{
    Grant *grant = g_new0(Grant, 1);

    grant->kind = kind;
    grant->before = g_strdup(before);
    grant->literal = g_strdup(literal);
    grant->after = g_strdup(after);
    g_ptr_array_add(to, grant);
    return grant;
}

static Grant *
append_text(GPtrArray *to, GrantKind kind, const char *text)
{
    Grant *grant = append(to, kind, "", "", "");

    grant->text = g_strdup(text);
    return grant;
}

Grant *
grant_pattern(GPtrArray *to, const char *before, const char *literal, const char *after,
              Perms perms)
{
    Grant *grant = append(to, GRANT_ALLOW, before, literal, after);

    grant->perms = perms;
    return grant;
}

Grant *
grant_literal(GPtrArray *to, const char *path, Perms perms)
{
    return grant_pattern(to, "", path, "", perms);
}

Grant *
grant_deny_write(GPtrArray *to, const char *before, const char *literal, const char *after)
{
    Grant *grant = append(to, GRANT_DENY_WRITE, before, literal, after);

    grant->perms = PERM_W;
    return grant;
}

Grant *
grant_unix_peer(GPtrArray *to, const char *label)
{
    return append_text(to, GRANT_UNIX_PEER, label);
}

Grant *
grant_capability(GPtrArray *to, const char *name)
{
    return append_text(to, GRANT_CAPABILITY, name);
}

Grant *
grant_note(GPtrArray *to, const char *text)
{
    return append_text(to, GRANT_NOTE, text);
}

void
grant_set_origin(Grant *grant, Origin origin)
{
    g_free(grant->element);
    grant->element = g_strdup(origin.element);
    grant->line = origin.line;
}

Grant *
grant_copy(const Grant *grant)
{
    Grant *copy = g_new0(Grant, 1);

    *copy = *grant;
    copy->before = g_strdup(grant->before);
    copy->literal = g_strdup(grant->literal);
    copy->after = g_strdup(grant->after);
    copy->text = g_strdup(grant->text);
    copy->element = g_strdup(grant->element);
    return copy;
}

static gboolean
is_same_object(const Grant *a, const Grant *b)
{
    return a->kind == b->kind && g_str_equal(a->before, b->before) &&
           g_str_equal(a->literal, b->literal) && g_str_equal(a->after, b->after) &&
           g_strcmp0(a->text, b->text) == 0;
}

gboolean
grant_equal(const Grant *a, const Grant *b)
{
    return is_same_object(a, b) && a->perms == b->perms;
}

/*
 * What stands in @path after the directory @dir and its slash, or NULL. The parser takes several slashes
 * for one, in the middle of a rule too; a name for which that matters is not judged here.
 */
static const char *
below(const char *dir, const char *path)
{
    const char *rest;

    if (strstr(dir, "//") || strstr(path, "//") || g_str_has_suffix(dir, "/") ||
        !g_str_has_prefix(path, dir))
        return NULL;
    rest = path + strlen(dir);
    return *rest == '/' ? rest + 1 : NULL;
}

/* Whether @pattern, after a directory, matches @name below it. */
static gboolean
tree_has(const char *pattern, const char *name)
{
    if (g_str_equal(pattern, "/{,**}"))
        return TRUE;
    if (g_str_equal(pattern, "/**"))
        return *name != '\0';
    if (g_str_equal(pattern, "/*"))
        return *name != '\0' && !strchr(name, '/');
    return FALSE;
}

gboolean
grant_covers(const Grant *a, const Grant *b)
{
    const char *name;

    if (is_same_object(a, b))
        return (a->perms & b->perms) == b->perms;
    if (a->kind != GRANT_ALLOW || b->kind != GRANT_ALLOW || (a->perms & b->perms) != b->perms)
        return FALSE;
    /* a pattern in front of the directory may match less than it seems to */
    if (*a->before || *b->before || *b->after)
        return FALSE;
    name = below(a->literal, b->literal);
    return name && tree_has(a->after, name);
}

void
grant_free(Grant *grant)
{
    g_free(grant->before);
    g_free(grant->literal);
    g_free(grant->after);
    g_free(grant->text);
    g_free(grant->element);
    g_free(grant);
}
