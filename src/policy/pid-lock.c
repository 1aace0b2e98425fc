/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/pid-lock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

/* Names of links, the lock's own first, each of which but the last names a dead holder. */
typedef GPtrArray Line;

static gboolean
read_link(const PolicyDir *dir, const char *name, Holder *holder)
{
    char text[HOLDER_BYTES];
    ssize_t n = readlinkat(policy_dir_fd(dir), name, text, sizeof(text) - 1);

    if (n < 0 && errno == EINVAL) {
        /* a file: a lock of an earlier version, whose holder has ended long ago */
        *holder = (Holder){0};
        return TRUE;
    }
    if (n < 0)
        return FALSE;
    text[n] = '\0';
    *holder = holder_parse(text);
    return TRUE;
}

static gboolean
make_link(const PolicyDir *dir, const char *name)
{
    Holder self = holder_self();
    char text[HOLDER_BYTES];

    holder_format(&self, text);
    return symlinkat(text, policy_dir_fd(dir), name) == 0;
}

static char *
heir_name(const char *name, const Holder *dead)
{
    return g_strdup_printf("%s.%d-%" G_GUINT64_FORMAT, name, (int)dead->pid, dead->start);
}

/* Walks from the lock to the first that lives, or to the last that died.
 * @line: gets the names on the way; the next name would be that of the heir of @holder
 * Returns: FALSE with ENOENT where there is no lock, or with another errno where nobody knows */
static gboolean
walk(const PolicyDir *dir, const char *name, Line *line, Holder *holder)
{
    g_autofree char *next = g_strdup(name);

    for (guint i = 0; i < LIMIT_LOCK_HEIRS; i++) {
        Holder found;

        if (!read_link(dir, next, &found))
            return line->len > 0 && errno == ENOENT;
        *holder = found;
        g_ptr_array_add(line, g_steal_pointer(&next));
        if (holder_lives(holder))
            break;
        next = heir_name(name, holder);
    }
    return TRUE;
}

static gboolean
same_line(const Line *a, const Line *b)
{
    if (a->len != b->len)
        return FALSE;
    for (guint i = 0; i < a->len; i++)
        if (!g_str_equal(g_ptr_array_index(a, i), g_ptr_array_index(b, i)))
            return FALSE;
    return TRUE;
}

/* We are the heir. Whether the line that we inherited from is still the lock's: another heir may have
 * taken it, and what he inherited away, between our look and our link. */
static gboolean
is_ours(const PolicyDir *dir, const char *name, const Line *line)
{
    g_autoptr(GPtrArray) now = g_ptr_array_new_with_free_func(g_free);
    Holder self = holder_self();
    Holder holder = {0};

    return walk(dir, name, now, &holder) && holder_equal(&holder, &self) && same_line(now, line);
}

/* The lock itself names us, and then nothing else is left of the dead. */
static gboolean
settle(const PolicyDir *dir, const Line *line)
{
    const char *name = g_ptr_array_index(line, 0);
    const char *ours = g_ptr_array_index(line, line->len - 1);

    if (renameat(policy_dir_fd(dir), ours, policy_dir_fd(dir), name) < 0)
        return FALSE;
    for (guint i = 1; i + 1 < line->len; i++)
        policy_unlink(dir, g_ptr_array_index(line, i), NULL);
    return TRUE;
}

static PidLockResult
inherit(const PolicyDir *dir, Line *line, const Holder *dead)
{
    const char *name = g_ptr_array_index(line, 0);
    char *heir = heir_name(name, dead);

    g_ptr_array_add(line, heir);
    if (!make_link(dir, heir))
        return errno == EEXIST ? PID_LOCK_HELD : PID_LOCK_FAILED;
    if (is_ours(dir, name, line) && settle(dir, line))
        return PID_LOCK_GOT;
    policy_unlink(dir, heir, NULL);
    return PID_LOCK_HELD;
}

gboolean
pid_lock_is_held(const PolicyDir *dir, const char *name, Holder *holder)
{
    g_autoptr(GPtrArray) line = g_ptr_array_new_with_free_func(g_free);

    *holder = (Holder){0};
    return walk(dir, name, line, holder) && holder_lives(holder);
}

PidLockResult
pid_lock_try(const PolicyDir *dir, const char *name, Holder *holder)
{
    g_autoptr(GPtrArray) line = g_ptr_array_new_with_free_func(g_free);

    *holder = (Holder){0};
    if (make_link(dir, name))
        return PID_LOCK_GOT;
    if (errno != EEXIST)
        return PID_LOCK_FAILED;
    if (!walk(dir, name, line, holder))
        return errno == ENOENT ? PID_LOCK_HELD : PID_LOCK_FAILED;
    return holder_lives(holder) ? PID_LOCK_HELD : inherit(dir, line, holder);
}
