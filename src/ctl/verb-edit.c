/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "ctl/editor.h"
#include "ctl/own-rules.h"
#include "ctl/own-text.h"
#include "ctl/verbs.h"

typedef struct {
    gboolean virtiofsd;
    gboolean dry_run;
    char *from; /* (nullable): where to begin, in place of the file */
} Asked;

/* The file as it is, wrong as it may be: that is why it is edited.
 * @text: (out) (transfer full) (nullable): NULL: there is none */
static gboolean
read_raw(const char *path, char **text, GError **error)
{
    g_autoptr(GError) unread = NULL;
    gsize len = 0;

    *text = NULL;
    if (!base_read_file_at(AT_FDCWD, path, LIMIT_OWN_RULES_BYTES, text, &len, &unread)) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            return TRUE;
        g_propagate_prefixed_error(error, g_steal_pointer(&unread), "%s",
                                   _("move it away, and edit again: "));
        return FALSE;
    }
    if (strlen(*text) == len)
        return TRUE;
    g_clear_pointer(text, g_free);
    return base_set_error(error, BASE_ERROR_DAMAGED,
                          _("move it away, and edit again: %s contains a NUL byte"), path);
}

static gboolean
read_from(const char *path, char **text, GError **error)
{
    gsize len = 0;

    if (!base_read_file_at(AT_FDCWD, path, LIMIT_OWN_RULES_BYTES, text, &len, error))
        return FALSE;
    return strlen(*text) == len ||
           base_set_error(error, BASE_ERROR_DAMAGED, _("%s contains a NUL byte"), path);
}

/* Puts what was written in force, if nobody else has changed the file meanwhile. */
static gboolean
put(Ctl *ctl, const OwnTarget *target, const char *before, const char *after, gboolean dry_run,
    GError **error)
{
    g_autoptr(Reload) reload = own_target_open(ctl, target, dry_run, error);
    g_autofree char *header = own_text_header(target->domain, target->virtiofsd);
    g_autofree char *path = own_path(ctl->config->apparmor_dir, target->profile);
    g_autofree char *now = NULL;
    const gboolean complain = own_is_complaining(ctl->config->apparmor_dir, target->profile);
    Own old = {.path = path, .complain = complain};
    Own wanted = {.path = path, .complain = complain};

    if (!reload || !read_raw(path, &now, error))
        return FALSE;
    if (g_strcmp0(now, before) != 0)
        return base_set_error(error, BASE_ERROR_BUSY, _("%s has been changed meanwhile"), path);
    old.rules = now;
    if (!own_text_is_bare(after, header))
        wanted.rules = (char *)after;
    return own_change(ctl, target, reload, &old, &wanted, dry_run, error);
}

/* What a person has written is not lost. */
static void
add_copy(const OwnTarget *target, const EditorCopy *copy, GError **error)
{
    g_autoptr(GError) problem = *error;

    *error = NULL;
    g_set_error(error, problem->domain, problem->code,
                _("%s; what you have written is in %s, and virt-aa-ctl edit %s%s --from %s goes on "
                  "with it"),
                problem->message, copy->path, target->uuid, target->virtiofsd ? " --virtiofsd" : "",
                copy->path);
}

static gboolean
edit_copy(Ctl *ctl, const OwnTarget *target, const EditorCopy *copy, char **editor,
          const char *before, gboolean dry_run, GError **error)
{
    g_autofree char *after = NULL;

    return editor_run(copy, editor, error) &&
           editor_copy_read(copy, LIMIT_OWN_RULES_BYTES, &after, error) &&
           put(ctl, target, before, after, dry_run, error);
}

static gboolean
edit(Ctl *ctl, const char *domain, const Asked *asked, GError **error)
{
    g_auto(OwnTarget) target = {0};
    g_auto(EditorCopy) copy = {0};
    g_autofree char *path = NULL;
    g_autofree char *before = NULL;
    g_autofree char *begin = NULL;
    g_auto(GStrv) editor = NULL;

    if (!own_target_find(ctl, domain, asked->virtiofsd, &target, error))
        return FALSE;
    path = own_path(ctl->config->apparmor_dir, target.profile);
    if (!read_raw(path, &before, error) ||
        (asked->from && !read_from(asked->from, &begin, error)) || !(editor = editor_find(error)))
        return FALSE;
    if (!begin)
        begin = before ? g_strdup(before) : own_text_header(target.domain, target.virtiofsd);
    if (!editor_copy_make(target.profile, begin, &copy, error))
        return FALSE;
    if (!edit_copy(ctl, &target, &copy, editor, before, asked->dry_run, error)) {
        add_copy(&target, &copy, error);
        return FALSE;
    }
    editor_copy_remove(&copy);
    return TRUE;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    Asked asked = {0};
    g_autofree char *from = NULL;
    const GOptionEntry entries[] = {
        {"virtiofsd", 0, 0, G_OPTION_ARG_NONE, &asked.virtiofsd,
         N_("of the VM's virtiofsd, not of QEMU"), NULL},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &from, N_("begin with what is in FILE"), N_("FILE")},
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &asked.dry_run, N_("show what would change"), NULL},
        {0},
    };

    if (!ctl_parse(ctl, &verb_edit, entries, &argc, &argv, 1, 1, error))
        return CTL_FAILED;
    asked.from = from;
    return edit(ctl, argv[1], &asked, error) ? CTL_GOOD : CTL_FAILED;
}

const CtlVerb verb_edit = {"edit", "DOMAIN", N_("edit a VM's own rules, and check them"), run};
