/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/path-remedy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/words.h"
#include "kernel/dfa.h"
#include "model/paths.h"

static void
add(PathSide *side, char *remedy)
{
    g_ptr_array_add(side->remedies, remedy);
}

/* The first rule that denies, or NULL. */
static const PathRule *
denying_rule(const PathSide *side)
{
    for (guint i = 0; i < side->rules->len; i++) {
        const PathRule *rule = g_ptr_array_index(side->rules, i);

        if (rule->deny)
            return rule;
    }
    return NULL;
}

/* TRUE: a deny rule stands in the way, which no allow rule can outweigh. */
static gboolean
add_deny_remedy(PathSide *side, guint32 wanted)
{
    const PathRule *rule = denying_rule(side);

    if (!(side->denied & wanted) || !rule)
        return FALSE;
    add(side,
        g_strdup_printf(_("a deny rule wins over every rule that allows: \"%s\" goes with %s"),
                        rule->text, rule->from));
    return TRUE;
}

/* A place of the host's own: no command gives it away that is there to be pasted, as in denial-explain.c. */
static gboolean
is_hosts_own(const PathAnswer *answer, gboolean readonly)
{
    return path_is_restricted(answer->path, !readonly) ||
           (answer->is_dir && path_judge_tree(answer->path, !readonly) != TREE_FREE);
}

/* @both: reading is missing as well, and may be all that is wanted */
static void
add_allow(const Start *start, const PathAnswer *answer, PathSide *side, gboolean both)
{
    const Domain *domain = start->request->domain;
    g_autofree char *name = words_domain(domain->name, domain->uuid);
    g_autofree char *path = words_quote(answer->path);

    /* a path that is not shown as it is goes into a file, and into no command */
    if (!path) {
        add(side, g_strdup_printf("virt-aa-ctl edit %s", name));
        return;
    }
    if (both && !is_hosts_own(answer, TRUE))
        add(side, g_strdup_printf("virt-aa-ctl allow %s %s --read-only", name, path));
    if (!is_hosts_own(answer, FALSE))
        add(side, g_strdup_printf("virt-aa-ctl allow %s %s", name, path));
    else
        add(side, g_strdup_printf(_("it is, lies in or contains a system directory, which no VM "
                                    "gets by its definition: if this one is to have it all the "
                                    "same, virt-aa-ctl edit %s"),
                                  name));
}

/* An element of the XML has it, but not for writing. */
static void
add_readonly(PathSide *side)
{
    for (guint i = 0; i < side->rules->len; i++) {
        const PathRule *rule = g_ptr_array_index(side->rules, i);

        if (rule->line && !rule->deny) {
            add(side, g_strdup_printf(_("%s has it for reading only, by <readonly/>, or because "
                                        "another image lies upon it"),
                                      rule->from));
            return;
        }
    }
}

static void
find_for_qemu(const Start *start, PathAnswer *answer)
{
    PathSide *side = &answer->sides[START_QEMU];
    guint32 allowed = path_answer_effective(answer, START_QEMU);

    if (!(allowed & DFA_READ)) {
        if (add_deny_remedy(side, DFA_READ))
            return;
        if (answer->exists && !answer->is_dir && !path_is_restricted(answer->path, FALSE))
            add(side, g_strdup_printf(_("as a disk, <source file='…'/> in a <disk> of the domain "
                                        "(virsh edit)")));
        add_allow(start, answer, side, TRUE);
    } else if (!(allowed & DFA_WRITE) && !add_deny_remedy(side, DFA_WRITE)) {
        add_readonly(side);
        add_allow(start, answer, side, FALSE);
    }
}

/* The share that @path lies in, the innermost of several; NULL: in none */
static const Share *
share_around(const Start *start, const char *path)
{
    const Share *found = NULL;
    GPtrArray *shares = start->request->model->shares;

    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        if (path_lies_in(path, share->dir) && (!found || strlen(found->dir) < strlen(share->dir)))
            found = share;
    }
    return found;
}

/* The line of the configuration without which the share would be refused. */
static void
add_settings(const Start *start, PathSide *side, const char *dir, gboolean readonly)
{
    const Settings *settings = start->request->settings;
    g_autofree char *advice = NULL;

    if (path_judge_tree(dir, !readonly) != TREE_REFUSED ||
        (readonly ? settings_allows_read(settings, dir) : settings_allows_write(settings, dir)))
        return;
    advice = settings_advice(settings, dir, readonly ? SETTINGS_ALLOW_READ : SETTINGS_ALLOW_WRITE,
                             start->request->config->settings_file);
    add(side, g_strdup_printf(_("it is a system directory: %s"), advice));
}

static void
add_writable(const Start *start, PathSide *side, const Share *share)
{
    const Domain *domain = start->request->domain;
    g_autofree char *name = words_domain(domain->name, domain->uuid);

    if (start->request->model->shares_readonly)
        add(side, g_strdup_printf(_("all shares are read-only by \"options\" in %s: take "
                                    "--readonly out"),
                                  start->request->config->settings_file));
    else
        add(side, g_strdup_printf(_("take <readonly/> out of line %u: %s (virsh edit %s)"),
                                  share->line, share->element, name));
    add_settings(start, side, share->dir, FALSE);
}

static void
find_for_virtiofsd(const Start *start, PathAnswer *answer)
{
    PathSide *side = &answer->sides[START_VIRTIOFSD];
    guint32 allowed = path_answer_effective(answer, START_VIRTIOFSD);
    const Share *share = share_around(start, answer->path);
    g_autofree char *dir =
        answer->is_dir ? g_strdup(answer->path) : g_path_get_dirname(answer->path);
    g_autofree char *attribute = g_markup_escape_text(dir, -1);
    guint32 wanted = DFA_READ | DFA_WRITE;

    if ((allowed & wanted) == wanted || add_deny_remedy(side, wanted & ~allowed))
        return;
    if (share && share->readonly && allowed & DFA_READ) {
        add_writable(start, side, share);
    } else if (!share && !(allowed & DFA_READ)) {
        add(side, g_strdup_printf(_("share it: <filesystem type='mount'><driver type='virtiofs'/>"
                                    "<source dir='%s'/><target dir='…'/></filesystem> in the "
                                    "domain (virsh edit)"),
                                  attribute));
        add_settings(start, side, dir, TRUE);
    }
}

void
path_find_remedies(const Start *start, PathAnswer *answer)
{
    find_for_qemu(start, answer);
    find_for_virtiofsd(start, answer);
}
