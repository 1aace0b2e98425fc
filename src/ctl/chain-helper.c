/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/chain-private.h"
#include "ctl/libvirt-dir.h"

#define ENABLE "virt-aa-ctl enable"
#define UPDATE "virt-aa-ctl update"

static void
check_libvirt(Chain *chain)
{
    const char *remedy = NULL;
    g_autofree char *problem = libvirt_dir_problem(chain->config, chain->place, &remedy);

    if (problem)
        finding_add(chain->findings, FINDING_UNCONFINED, "libvirt", remedy, "%s", problem);
    else
        finding_add(chain->findings, FINDING_GOOD, "libvirt", NULL,
                    _("libvirt looks for its helper in %s"), chain->config->libexecdir);
}

static void
check_helper(Chain *chain)
{
    const Place *place = chain->place;

    if (!place->is_there)
        finding_add(chain->findings, FINDING_UNCONFINED, "helper", ENABLE, _("%s is not there"),
                    place->in_place);
    else if (!place->is_ours)
        finding_add(chain->findings, FINDING_UNCONFINED, "helper", ENABLE,
                    _("%s is libvirt's own, which was put back in the place of ours, as by an "
                      "update of libvirt: no virtiofsd is confined, and VMs with a share do not "
                      "start"),
                    place->in_place);
    else if (!place->ours_is_there)
        finding_add(chain->findings, FINDING_STALE, "helper", _("install the project again"),
                    _("%s, which is to be copied to libvirt, is not there"), place->ours);
    else if (!place->is_installed)
        finding_add(chain->findings, FINDING_STALE, "helper", UPDATE,
                    _("%s is another than the one that is installed: %s"), place->in_place,
                    place->version);
    else if (!place->version)
        finding_add(chain->findings, FINDING_UNCONFINED, "helper", _("install the project again"),
                    _("%s is ours and cannot be run: no VM starts"), place->in_place);
    else
        finding_add(chain->findings, FINDING_GOOD, "helper", NULL,
                    _("%s is the one that is "
                      "installed: %s"),
                    place->in_place, place->version);
}

/* What becomes of it all when libvirt is updated. */
static void
check_diversion(Chain *chain)
{
    const Place *place = chain->place;
    const Diversion *diversion = &place->diversion;

    if (diversion->by)
        finding_add(chain->findings, FINDING_GOOD, "diversion", NULL,
                    _("the package %s has diverted libvirt's own helper to %s"), diversion->by,
                    diversion->to);
    else if (place->by_package)
        finding_add(chain->findings, FINDING_NOTE, "diversion", NULL,
                    _("%s is installed in the place of libvirt's own helper"), place->in_place);
    else if (!place->has_dpkg)
        finding_add(chain->findings, FINDING_NOTE, "diversion", NULL, "%s",
                    _("there is no dpkg, which could keep an update of libvirt from putting "
                      "libvirt's own helper back: verify would say so then"));
    else if (!diversion->to)
        finding_add(chain->findings, FINDING_STALE, "diversion", UPDATE, "%s",
                    _("dpkg does not know that libvirt's helper is replaced: the next update of "
                      "libvirt would put it back"));
    else if (g_strcmp0(diversion->to, place->kept) != 0)
        finding_add(chain->findings, FINDING_STALE, "diversion", NULL,
                    _("libvirt's own helper is diverted to %s, not by this program"),
                    diversion->to);
    else
        finding_add(chain->findings, FINDING_GOOD, "diversion", NULL,
                    _("dpkg knows that libvirt's own helper is %s"), place->kept);
}

/* What "disable" goes back to. */
static void
check_kept(Chain *chain)
{
    const Place *place = chain->place;

    if (place->by_package || place->kept_is_there || !place->is_ours)
        return;
    if (place_lost_libvirt(place, chain->config))
        finding_add(chain->findings, FINDING_NOTE, "diversion", NULL, "%s",
                    _("libvirt has been removed"));
    else
        finding_add(chain->findings, FINDING_STALE, "diversion",
                    _("install libvirt's package that has virt-aa-helper again"),
                    _("%s, libvirt's own helper, is not there to go back to"), place->kept);
}

void
chain_helper(Chain *chain)
{
    check_libvirt(chain);
    check_helper(chain);
    check_diversion(chain);
    check_kept(chain);
}
