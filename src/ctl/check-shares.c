/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/check.h"
#include "model/paths.h"

/* Where libvirt has the disks and the state of VMs. */
#define LIBVIRT_STATE LOCALSTATEDIR "/lib/libvirt"

/* A share or a disk, by its place in the tree of files. */
typedef struct {
    const char *path;
    Checked *checked;
    const Share *share;      /* NULL: a disk */
    const char *element;     /* of a disk */
    const char *own;         /* of a share: a disk of its own VM that lies in it, or NULL */
    const char *other;       /* the first of another VM */
    const Checked *of_other; /* whose that is */
    const char *last;        /* the last of another VM: several may have the same */
    guint others;            /* how many there are */
} Place;

/* By bytes, but that a slash comes before all: what lies in a directory follows it at once. A share comes
 * before a disk. */
static int
by_path(gconstpointer a, gconstpointer b)
{
    const Place *x = *(const Place *const *)a;
    const Place *y = *(const Place *const *)b;
    gsize i = 0;

    while (x->path[i] && x->path[i] == y->path[i])
        i++;
    if (x->path[i] == y->path[i])
        return (x->share ? 0 : 1) - (y->share ? 0 : 1);
    if (!x->path[i] || !y->path[i])
        return x->path[i] ? 1 : -1;
    if (x->path[i] == '/' || y->path[i] == '/')
        return x->path[i] == '/' ? -1 : 1;
    return (guchar)x->path[i] - (guchar)y->path[i];
}

static Place *
add_place(GPtrArray *places, const char *path, Checked *checked)
{
    Place *place = g_new0(Place, 1);

    place->path = path;
    place->checked = checked;
    g_ptr_array_add(places, place);
    return place;
}

/* The grants of the disks' elements: the images that they name, and those below them. */
static void
add_disks(GPtrArray *places, Checked *checked)
{
    const Domain *domain = checked->start->request->domain;
    GPtrArray *grants = checked->start->request->model->grants;
    g_autoptr(GHashTable) lines = g_hash_table_new(g_int_hash, g_int_equal);
    const DomainDevice *device;
    guint at = 0;

    while ((device = domain_next_device(domain, DOMAIN_DEVICE_DISK, &at)))
        g_hash_table_add(lines, (gpointer)&device->line);
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);

        if (grant->kind == GRANT_ALLOW && !*grant->before && !*grant->after && grant->line &&
            g_hash_table_contains(lines, &grant->line))
            add_place(places, grant->literal, checked)->element = grant->element;
    }
}

static void
add_places(GPtrArray *places, Checked *checked)
{
    GPtrArray *shares;

    if (!checked->start || !checked->start->request->model)
        return;
    shares = checked->start->request->model->shares;
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        add_place(places, share->dir, checked)->share = share;
    }
    add_disks(places, checked);
}

/* ---- what one share is ---- */

static void
judge_directory(const Place *place)
{
    const Share *share = place->share;
    GPtrArray *findings = place->checked->findings;

    if (g_str_equal(share->dir, "/"))
        finding_add(findings, FINDING_UNCONFINED, "share", NULL,
                    _("line %u: %s: shares the whole host: share what is needed of it"),
                    share->line, share->element);
    else if (path_lies_in(LIBVIRT_STATE, share->dir))
        finding_add(
            findings, FINDING_UNCONFINED, "share", NULL,
            _("line %u: %s: %s has %s in it, the disks and the state of all VMs: share what "
              "is needed of it"),
            share->line, share->element, share->dir, LIBVIRT_STATE);
    else if (path_judge_tree(share->dir, !share->readonly) == TREE_REFUSED)
        finding_add(
            findings, FINDING_NOTE, "share", NULL,
            _("line %u: %s: %s is a directory of the host's own, shared because %s allows it"),
            share->line, share->element, share->dir,
            place->checked->start->request->config->settings_file);
}

/* A guest that can write to a disk's file names in its header what the next start is to open. */
static void
judge_disks(const Place *place)
{
    const Share *share = place->share;
    GPtrArray *findings = place->checked->findings;

    if (place->own && !share->readonly)
        finding_add(findings, FINDING_UNCONFINED, "share", NULL,
                    _("line %u: %s: %s has the VM's own disk %s in it: its guest can make that lie "
                      "upon other files of the host; move the disk"),
                    share->line, share->element, share->dir, place->own);
    if (place->others == 0)
        return;
    finding_add(findings, FINDING_UNCONFINED, "share", NULL,
                share->readonly
                    ? ngettext("line %u: %s: %s has %u disk of another VM in it that its guest can "
                               "read, %s of '%s': move it, or share less",
                               "line %u: %s: %s has %u disks of other VMs in it that its guest can "
                               "read, such as %s of '%s': move them, or share less",
                               place->others)
                    : ngettext("line %u: %s: %s has %u disk of another VM in it that its guest can "
                               "change, %s of '%s': move it, or share less",
                               "line %u: %s: %s has %u disks of other VMs in it that its guest can "
                               "change, such as %s of '%s': move them, or share less",
                               place->others),
                share->line, share->element, share->dir, place->others, place->other,
                place->of_other->domain->name);
}

/* ---- what is in what ---- */

static void
note_disk(const Place *disk, GPtrArray *around)
{
    for (guint i = 0; i < around->len; i++) {
        Place *share = g_ptr_array_index(around, i);

        if (share->checked == disk->checked) {
            share->own = disk->path;
        } else if (g_strcmp0(share->last, disk->path) != 0) {
            share->last = disk->path;
            if (share->others++ == 0) {
                share->other = disk->path;
                share->of_other = disk->checked;
            }
        }
    }
}

static void
note_overlap(const Place *inner, const Place *outer)
{
    GPtrArray *findings = inner->checked->findings;
    const Share *share = inner->share;

    if (inner->checked != outer->checked)
        finding_add(findings, FINDING_NOTE, "share", NULL,
                    _("line %u: %s: %s is shared with '%s' as well, as a part of %s"), share->line,
                    share->element, inner->path, outer->checked->domain->name, outer->path);
    else if (share->readonly && !outer->share->readonly)
        finding_add(
            findings, FINDING_NOTE, "share", NULL,
            _("line %u: %s: %s is read-only, and lies in %s, which the same guest may write "
              "(line %u)"),
            share->line, share->element, inner->path, outer->path, outer->share->line);
    else
        finding_add(findings, FINDING_NOTE, "share", NULL,
                    _("line %u: %s: %s lies in another share of the same VM, %s (line %u)"),
                    share->line, share->element, inner->path, outer->path, outer->share->line);
}

void
check_shares(GPtrArray *all)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) around = g_ptr_array_new(); /* the shares that the place lies in */

    for (guint i = 0; i < all->len; i++)
        add_places(places, g_ptr_array_index(all, i));
    g_ptr_array_sort(places, by_path);
    for (guint i = 0; i < places->len; i++) {
        Place *place = g_ptr_array_index(places, i);

        while (around->len > 0 &&
               !path_lies_in(place->path,
                             ((const Place *)g_ptr_array_index(around, around->len - 1))->path))
            g_ptr_array_set_size(around, (int)around->len - 1);
        if (!place->share) {
            note_disk(place, around);
            continue;
        }
        judge_directory(place);
        if (around->len > 0)
            note_overlap(place, g_ptr_array_index(around, around->len - 1));
        g_ptr_array_add(around, place);
    }
    for (guint i = 0; i < places->len; i++)
        if (((const Place *)g_ptr_array_index(places, i))->share)
            judge_disks(g_ptr_array_index(places, i));
}
