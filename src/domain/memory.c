/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

/*
 * Where the guest's memory lies. QEMU hands it to virtiofsd as descriptors, which AppArmor checks on
 * receipt by the names of their files: a memfd has none, and a file in one of libvirtd's directories
 * needs a rule.
 *
 * The questions are qemu_process.c's: qemuProcessNeedMemoryBackingPath() and
 * qemuProcessNeedHugepagesPath() say which directories libvirtd makes and announces. Of the latter,
 * pages of the ordinary size are no huge pages; here they count, as that costs a rule and no more.
 */

/* Whether an element called @name of @parent has the attribute @attr. */
static gboolean
any_has_attr(xmlNode *parent, const char *name, const char *attr)
{
    for (xmlNode *node = xml_child(parent, name); node; node = xml_next(node))
        if (xml_has_attr(node, attr))
            return TRUE;
    return FALSE;
}

static gboolean
has_device_with_access(xmlNode *root)
{
    for (xmlNode *devices = xml_child(root, "devices"); devices; devices = xml_next(devices))
        if (any_has_attr(devices, "memory", "access"))
            return TRUE;
    return FALSE;
}

static gboolean
has_device_with_pagesize(xmlNode *root)
{
    for (xmlNode *devices = xml_child(root, "devices"); devices; devices = xml_next(devices))
        for (xmlNode *node = xml_child(devices, "memory"); node; node = xml_next(node))
            if (xml_child(xml_child(node, "source"), "pagesize"))
                return TRUE;
    return FALSE;
}

gboolean
domain_has_memory_in_files(xmlNode *root)
{
    xmlNode *backing = xml_child(root, "memoryBacking");
    xmlNode *source = xml_child(backing, "source");
    xmlNode *numa = xml_child(xml_child(root, "cpu"), "numa");

    if (xml_attr_is(source, "type", "file"))
        return TRUE;
    /* libvirtd announces a directory all the same when an access mode is given, and QEMU puts nothing
     * into it: a memfd comes before all others (qemuBuildMemoryBackendProps()). */
    if (xml_attr_is(source, "type", "memfd"))
        return FALSE;
    /* An access mode needs a backend that can share, and the one that libvirt takes is a file; with
     * source type='anonymous', too. */
    return xml_has_attr(xml_child(backing, "access"), "mode") ||
           any_has_attr(numa, "cell", "memAccess") || has_device_with_access(root) ||
           xml_child(backing, "hugepages") || has_device_with_pagesize(root);
}

gboolean
domain_makes_memory_dir(xmlNode *root)
{
    xmlNode *backing = xml_child(root, "memoryBacking");
    xmlNode *numa = xml_child(xml_child(root, "cpu"), "numa");

    return xml_attr_is(xml_child(backing, "source"), "type", "file") ||
           xml_has_attr(xml_child(backing, "access"), "mode") ||
           any_has_attr(numa, "cell", "memAccess");
}

/* Whether @page, as libvirt writes it, can be no ordinary page of any processor. Of 16 and 64 KiB that is
 * not known here. */
static gboolean
is_huge(xmlNode *page)
{
    g_autofree char *size = xml_attr(page, "size");
    guint64 kib;

    return size && xml_attr_is(page, "unit", "KiB") &&
           g_ascii_string_to_unsigned(size, 10, 0, G_MAXUINT64, &kib, NULL) && kib > 64;
}

gboolean
domain_makes_hugepages_dir(xmlNode *root)
{
    xmlNode *backing = xml_child(root, "memoryBacking");
    xmlNode *hugepages = xml_child(backing, "hugepages");

    if (xml_attr_is(xml_child(backing, "source"), "type", "file"))
        return TRUE;
    if (!hugepages)
        return FALSE;
    if (!xml_child(hugepages, "page"))
        return TRUE;
    for (xmlNode *page = xml_child(hugepages, "page"); page; page = xml_next(page))
        if (is_huge(page))
            return TRUE;
    return FALSE;
}

/* What libvirt asks of a domain with vhost-user devices: qemuValidateDomainDefVhostUserRequireSharedMemory().
 * Each NUMA node has the mode of the whole where it has none of its own. */
gboolean
domain_shares_memory(xmlNode *root)
{
    const gboolean all =
        xml_attr_is(xml_child(xml_child(root, "memoryBacking"), "access"), "mode", "shared");
    xmlNode *cell = xml_child(xml_child(xml_child(root, "cpu"), "numa"), "cell");

    if (!cell)
        return all;
    for (; cell; cell = xml_next(cell))
        if (xml_has_attr(cell, "memAccess") ? !xml_attr_is(cell, "memAccess", "shared") : !all)
            return FALSE;
    return TRUE;
}
