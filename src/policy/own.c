/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/own.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"

#define PREFIX     "libvirt-"
#define UUID_BYTES 36

void
own_clear(Own *own)
{
    g_clear_pointer(&own->path, g_free);
    g_clear_pointer(&own->rules, g_free);
    own->complain = FALSE;
}

char *
own_path(const char *apparmor_dir, const char *profile)
{
    return g_build_filename(apparmor_dir, OWN_RULES_DIR, profile, NULL);
}

char *
own_complain_path(const char *apparmor_dir, const char *profile)
{
    return g_build_filename(apparmor_dir, OWN_COMPLAIN_DIR, profile, NULL);
}

char *
own_include(const char *profile)
{
    return g_strconcat(OWN_RULES_DIR "/", profile, NULL);
}

char *
own_edit_command(const char *profile)
{
    const char *uuid = g_str_has_prefix(profile, PREFIX) ? profile + strlen(PREFIX) : profile;

    return g_strdup_printf("virt-aa-ctl edit %.*s%s", UUID_BYTES, uuid,
                           strlen(uuid) > UUID_BYTES ? " --virtiofsd" : "");
}

gboolean
own_is_complaining(const char *apparmor_dir, const char *profile)
{
    g_autofree char *path = own_complain_path(apparmor_dir, profile);
    struct stat found;

    /* not access(), of which a helper without capabilities gets another answer than the parser */
    return stat(path, &found) == 0;
}

/* ---- reading ---- */

static gboolean
check_owner(const Own *own, const struct stat *found, GError **error)
{
    if ((found->st_uid == 0 || found->st_uid == geteuid()) && !(found->st_mode & 022))
        return TRUE;
    return base_set_error(
        error, BASE_ERROR_FAILED,
        _("%s can be changed by others than root, and what it says does not count: "
          "look at what is in it, then chown root: %s && chmod go-w %s"),
        own->path, own->path, own->path);
}

/* The remedy, behind what is wrong. */
static void
add_remedy(const char *profile, GError **error)
{
    g_autofree char *edit = own_edit_command(profile);
    g_autofree char *whole = NULL;
    const char *said = (*error)->message;

    if (g_error_matches(*error, BASE_ERROR, BASE_ERROR_DENIED) && geteuid() == 0)
        whole = g_strdup_printf(
            _("%s: AppArmor does not let this program read the VM's own rules: virt-aa-ctl enable"),
            said);
    else if (g_error_matches(*error, BASE_ERROR, BASE_ERROR_DAMAGED) ||
             g_error_matches(*error, BASE_ERROR, BASE_ERROR_LIMIT))
        whole = g_strdup_printf(_("%s: move it away, and make it anew with %s"), said, edit);
    else
        return;
    g_free((*error)->message);
    (*error)->message = g_steal_pointer(&whole);
}

/* FALSE without error: there is none */
static gboolean
read_rules(Own *own, GError **error)
{
    g_autoptr(GError) unread = NULL;
    g_autofree char *text = NULL;
    gsize len = 0;
    struct stat found;
    g_auto(AutoFd) fd = base_open_regular_at(AT_FDCWD, own->path, &found, &unread);

    if (fd < 0 && g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        return FALSE;
    if (fd < 0) {
        g_propagate_error(error, g_steal_pointer(&unread));
        return FALSE;
    }
    if (!check_owner(own, &found, error) ||
        !base_read_fd(fd, LIMIT_OWN_RULES_BYTES, own->path, &text, &len, error))
        return FALSE;
    if (memchr(text, '\0', len))
        return base_set_error(error, BASE_ERROR_DAMAGED, _("%s contains a NUL byte"), own->path);
    own->rules = g_steal_pointer(&text);
    return TRUE;
}

gboolean
own_read(const char *apparmor_dir, const char *profile, Own *own, GError **error)
{
    g_autoptr(GError) unread = NULL;

    *own = (Own){.path = own_path(apparmor_dir, profile),
                 .complain = own_is_complaining(apparmor_dir, profile)};
    if (read_rules(own, &unread) || !unread)
        return TRUE;
    add_remedy(profile, &unread);
    g_propagate_error(error, g_steal_pointer(&unread));
    return FALSE;
}

/* ---- what the compiler says of them ---- */

guint
own_said_line(const char **said)
{
    static const char begin[] = "AppArmor parser error at line ";
    guint64 line;
    char *end;

    if (!g_str_has_prefix(*said, begin))
        return 0;
    line = g_ascii_strtoull(*said + strlen(begin), &end, 10);
    if (line == 0 || line > G_MAXINT || !g_str_has_prefix(end, ": "))
        return 0;
    *said = end + strlen(": ");
    return (guint)line;
}

/* What is missing at the end of the last line shows in the one after it. */
static guint
lines_of(const char *text)
{
    guint lines = 0;

    for (const char *p = text; *p; p++)
        if (p == text || p[-1] == '\n')
            lines++;
    return MAX(lines, 1);
}

void
own_blame(const Own *own, const char *profile, guint first_line, GError **said)
{
    g_autofree char *edit = own_edit_command(profile);
    const char *words = (*said)->message;
    const guint line = own_said_line(&words);
    GError *blame = NULL;

    if (line >= first_line && first_line > 0)
        base_set_error(
            &blame, BASE_ERROR_FAILED,
            _("%s, line %u: %s: the VM's own rules do not compile, and nothing was changed: "
              "%s"),
            own->path, MIN(line - first_line + 1, lines_of(own->rules)), words, edit);
    else
        base_set_error(&blame, BASE_ERROR_FAILED,
                       _("%s: %s: the VM's own rules do not compile, and nothing was changed: %s"),
                       own->path, words, edit);
    g_error_free(*said);
    *said = blame;
}
