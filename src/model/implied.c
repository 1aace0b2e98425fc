/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

/* What is implied: rules whose paths no XML names, but that a kind of device needs. */

static const struct {
    const char *note; /* a comment before it, or NULL */
    const char *pattern;
    Perms perms;
} gl_rules[] = {
    {"DRI/Mesa/(e)GL config and driver paths", "/usr/lib{,32,64}/dri/*.so*", PERM_M | PERM_R},
    {NULL, "/usr/lib/@{multiarch}/dri/*.so*", PERM_M | PERM_R},
    {NULL, "/usr/lib/fglrx/dri/*.so*", PERM_M | PERM_R},
    {NULL, "/etc/drirc", PERM_R},
    {NULL, "/usr/share/drirc.d/{,*.conf}", PERM_R},
    {NULL, "/etc/glvnd/egl_vendor.d/{,*}", PERM_R},
    {NULL, "/usr/share/glvnd/egl_vendor.d/{,*}", PERM_R},
    {NULL, "/usr/share/egl/egl_external_platform.d/", PERM_R},
    {NULL, "/usr/share/egl/egl_external_platform.d/*", PERM_R},
    {NULL, "/proc/modules", PERM_R},
    {NULL, "/proc/driver/nvidia/params", PERM_R},
    {NULL, "/dev/nvidiactl", PERM_R | PERM_W},
    {"Probe DRI device attributes", "/dev/dri/", PERM_R},
    {NULL,
     "/sys/devices/**/{uevent,vendor,device,subsystem_vendor,subsystem_device,config,revision}",
     PERM_R},
};

/* Each of the next three: the first device that needs it, or NULL. */

static const DomainDevice *
needs_gl(const Domain *domain)
{
    const DomainGraphics *graphics;
    guint at = 0;

    while ((graphics = domain_next_device(domain, DOMAIN_DEVICE_GRAPHICS, &at)))
        if (graphics->render_node || graphics->type == DOMAIN_GRAPHICS_EGL_HEADLESS ||
            (graphics->gl && graphics->type != DOMAIN_GRAPHICS_SDL))
            return &graphics->device;
    return NULL;
}

/* QEMU's driver for NVMe opens the device's VFIO group (util/vfio-helpers.c). */
static gboolean
has_nvme(const DomainSource *source)
{
    for (; source; source = source->backing)
        if (source->type == DOMAIN_SOURCE_NVME || has_nvme(source->data_file))
            return TRUE;
    return FALSE;
}

static const DomainDevice *
needs_vfio(const Domain *domain)
{
    const DomainHostdev *dev;
    const DomainDisk *disk;
    guint at = 0;

    while ((disk = domain_next_device(domain, DOMAIN_DEVICE_DISK, &at)))
        if (has_nvme(disk->source))
            return &disk->device;
    at = 0;
    while ((dev = domain_next_device(domain, DOMAIN_DEVICE_HOSTDEV, &at)))
        /* of IOMMUFD, libvirtd opens the devices and names them with --append-file */
        if (dev->type == DOMAIN_HOSTDEV_MDEV ||
            (dev->type == DOMAIN_HOSTDEV_PCI && dev->pci_vfio && !dev->pci_iommufd))
            return &dev->device;
    return NULL;
}

/* virDomainNetIsVirtioModel() */
static gboolean
is_virtio(const char *model)
{
    return g_str_equal(model, "virtio") || g_str_equal(model, "virtio-transitional") ||
           g_str_equal(model, "virtio-non-transitional");
}

static const DomainDevice *
needs_vhost_net(const Domain *domain)
{
    const DomainInterface *interface;
    guint at = 0;

    if (domain->virt != DOMAIN_VIRT_KVM)
        return NULL;
    while ((interface = domain_next_device(domain, DOMAIN_DEVICE_INTERFACE, &at)))
        if (!interface->model || (!interface->driver_qemu && is_virtio(interface->model)))
            return &interface->device;
    return NULL;
}

static void
add_gl(Builder *builder)
{
    GPtrArray *to = builder->model->grants;

    for (gsize i = 0; i < G_N_ELEMENTS(gl_rules); i++) {
        if (gl_rules[i].note)
            grant_note(to, gl_rules[i].note);
        builder_pattern(builder, gl_rules[i].pattern, "", "", gl_rules[i].perms);
    }
    grant_note(to, "the DRI libraries try to make a cache here; they need none");
    grant_deny_write(to, "/var/lib/libvirt/.cache/", "", "");
}

/* Whether there is a device that needs something; then @builder is at it. */
static gboolean
at_device(Builder *builder, const DomainDevice *device)
{
    if (device)
        builder_at(builder, g_strdup_printf("<%s>", device->element), device->line);
    return device != NULL;
}

/* QEMU connects to the service that signs what a TDX guest measures. */
static gboolean
add_quote_socket(Builder *builder, GError **error)
{
    const DomainPath *socket = &builder->domain->quote_socket;

    if (!socket->path)
        return TRUE;
    builder_at(builder, g_strdup_printf("<%s>", socket->element), socket->line);
    return builder_path(builder, socket->path, PERM_R | PERM_W, ADD_OPTIONAL, error);
}

/* The same of <qemu:commandline>. */
static gboolean
at_commandline(Builder *builder, gboolean needed)
{
    if (needed)
        builder_at(builder, g_strdup("<qemu:commandline>"), 0);
    return needed;
}

gboolean
model_add_implied(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;

    if (at_device(builder, needs_vhost_net(domain)))
        builder_pattern(builder, "/dev/vhost-net", "", "", PERM_R | PERM_W);
    if (at_device(builder, needs_vfio(domain)) ||
        at_commandline(builder, builder->commandline_vfio)) {
        builder_pattern(builder, "/dev/vfio/vfio", "", "", PERM_R | PERM_W);
        builder_pattern(builder, "/dev/vfio/[0-9]*", "", "", PERM_R | PERM_W);
    }
    if (at_device(builder, needs_gl(domain)) || at_commandline(builder, builder->commandline_gl))
        add_gl(builder);
    if (domain->sev) {
        builder_at(builder, g_strdup("<launchSecurity>"), 0);
        builder_pattern(builder, "/dev/sev", "", "", PERM_R | PERM_W);
    }
    return add_quote_socket(builder, error);
}
