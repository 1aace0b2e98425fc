/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "grant/grant.h"

GPtrArray *
grants_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)grant_free);
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
