/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "domain/parse.h"

/*
 * Never silent: an absolute path in a device that no parser has asked for gets no rule, and that is said.
 * What the parsers have asked for is known from the questions themselves (xml_was_read()), so that this
 * needs no list of devices, and a new parser ends the warning about what it reads.
 */

/* Names of attributes that name a file of the host, where their value is an absolute path. */
static const char *const sources[] = {
    "agentsock", "cert",       "dev",        "dir",    "evdev",      "file",    "keyfile",
    "path",      "rendernode", "serverName", "socket", "runtimeDir", "tapname", NULL};

/* Elements whose paths QEMU does not open, or not by a rule of ours. */
static const char *const others[] = {
    "target",     /* what the guest sees */
    "script",     /* libvirtd runs it */
    "downscript", /* that, too */
    "log",        /* virtlogd writes it */
    "mirror",     /* libvirtd announces it before the copy begins */
    NULL,
};

static void
warn_of_attributes(xmlNode *node, Domain *domain)
{
    for (xmlAttr *attr = node->properties; attr; attr = attr->next) {
        g_autofree char *value = NULL;
        const char *name = (const char *)attr->name;

        if (!g_strv_contains(sources, name) || xml_was_read(attr))
            continue;
        value = xml_attr(node, name);
        if (!value || *value != '/' || value[1] == '\0')
            continue;
        domain_warn(
            domain, node,
            g_strdup_printf(_("<%s %s='%s'> is not known here and gets no rule; if QEMU needs "
                              "it, allow it in %s"),
                            (const char *)node->name, name, value, DOMAIN_LOCAL_RULES));
    }
}

static gboolean
is_elsewhere(xmlNode *node)
{
    return node->type != XML_ELEMENT_NODE || node->ns ||
           g_strv_contains(others, (const char *)node->name);
}

/* Goes through all below @top without recursion: libxml2's bound on depth is not ours to know. */
static void
warn_below(xmlNode *top, Domain *domain)
{
    xmlNode *node = top->children;

    while (node) {
        gboolean skip = is_elsewhere(node);

        if (!skip)
            warn_of_attributes(node, domain);
        if (!skip && node->children) {
            node = node->children;
            continue;
        }
        while (node != top && !node->next)
            node = node->parent;
        node = node == top ? NULL : node->next;
    }
}

void
domain_warn_of_unread(xmlNode *root, Domain *domain)
{
    xmlNode *devices = xml_child(root, "devices");

    if (domain->virt != DOMAIN_VIRT_QEMU && domain->virt != DOMAIN_VIRT_KVM)
        return;
    for (; devices; devices = xml_next(devices))
        warn_below(devices, domain);
}
