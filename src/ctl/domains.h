/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The domains of this host, as libvirt knows them. */

#include <glib.h>

typedef struct {
    char *name;
    char *uuid;         /* 36 characters, lower case */
    int id;             /* of a running domain; -1: it is off */
    gboolean running;   /* virDomainIsActive() */
    gboolean transient; /* no definition is left when it ends */
    char *xml;          /* as it runs, else as it is defined */
    char *label;        /* (nullable): QEMU's, as libvirt says (virDomainGetSecurityLabelList) */
    gboolean enforcing; /* of @label */
    char *
        label_type; /* (nullable): "dynamic", "static", "none": of <seclabel model='apparmor'>, if it is there */
} CtlDomain;

void ctl_domain_free(CtlDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CtlDomain, ctl_domain_free)

/**
 * ctl_domain_is_exempt: whether its definition asks for no label, or for one whose profile is the administrator's:
 * libvirt runs no virt-aa-helper for either, and the launcher has no profile to put a virtiofsd under.
 */
gboolean ctl_domain_is_exempt(const CtlDomain *domain);

/**
 * domains_list:
 * @uri: libvirt's
 * @error: libvirt cannot be asked; its message
 * Returns: (transfer full) (element-type CtlDomain): all domains, running or not, by name. A domain that
 *   ends while it is asked is left out.
 */
GPtrArray *domains_list(const char *uri, GError **error);

/**
 * domains_uuids:
 * Returns: (transfer full) (element-type utf8): the UUIDs of all domains, small letters, defined or running, as a
 *   set; NULL with @error set where one of them cannot be learnt, for who is not in it counts as gone
 */
GHashTable *domains_uuids(const char *uri, GError **error);

/**
 * domains_find:
 * @name: a name, a UUID, or the ID of a running domain, as virsh takes them
 * @error: BASE_ERROR_NOT_FOUND: there is none
 */
CtlDomain *domains_find(const char *uri, const char *name, GError **error);

/**
 * domains_security_driver:
 * Returns: (transfer full): which security drivers libvirt uses ("apparmor,dac"), of its capabilities
 */
char *domains_security_drivers(const char *uri, GError **error);
