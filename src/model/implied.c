/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <string.h>

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

static gboolean
needs_gl(const Domain *domain)
{
    for (guint i = 0; i < domain->graphics->len; i++) {
        const DomainGraphics *graphics = g_ptr_array_index(domain->graphics, i);

        if (graphics->render_node || graphics->type == DOMAIN_GRAPHICS_EGL_HEADLESS)
            return TRUE;
        if (graphics->gl && graphics->type != DOMAIN_GRAPHICS_SDL)
            return TRUE;
    }
    return FALSE;
}

static gboolean
needs_vfio(const Domain *domain)
{
    for (guint i = 0; i < domain->hostdevs->len; i++) {
        const DomainHostdev *dev = g_ptr_array_index(domain->hostdevs, i);

        if (dev->type == DOMAIN_HOSTDEV_MDEV)
            return TRUE;
        /* of IOMMUFD, libvirtd opens the devices and names them with --append-file */
        if (dev->type == DOMAIN_HOSTDEV_PCI && dev->pci_vfio && !dev->pci_iommufd)
            return TRUE;
    }
    return FALSE;
}

/* virDomainNetIsVirtioModel() */
static gboolean
is_virtio(const char *model)
{
    return g_str_equal(model, "virtio") || g_str_equal(model, "virtio-transitional") ||
           g_str_equal(model, "virtio-non-transitional");
}

static gboolean
needs_vhost_net(const Domain *domain)
{
    if (domain->virt != DOMAIN_VIRT_KVM)
        return FALSE;
    for (guint i = 0; i < domain->interfaces->len; i++) {
        const DomainInterface *interface = g_ptr_array_index(domain->interfaces, i);

        if (!interface->model || (!interface->driver_qemu && is_virtio(interface->model)))
            return TRUE;
    }
    return FALSE;
}

static void
add_gl(GPtrArray *to)
{
    for (gsize i = 0; i < G_N_ELEMENTS(gl_rules); i++) {
        if (gl_rules[i].note)
            grant_note(to, gl_rules[i].note);
        grant_pattern(to, gl_rules[i].pattern, "", "", gl_rules[i].perms);
    }
    grant_note(to, "the DRI libraries try to make a cache here; they need none");
    grant_deny_write(to, "/var/lib/libvirt/.cache/", "", "");
}

gboolean
model_add_implied(Builder *builder, GError **error G_GNUC_UNUSED)
{
    const Domain *domain = builder->domain;
    GPtrArray *to = builder->model->grants;

    if (needs_vhost_net(domain))
        grant_pattern(to, "/dev/vhost-net", "", "", PERM_R | PERM_W);
    if (needs_vfio(domain)) {
        grant_pattern(to, "/dev/vfio/vfio", "", "", PERM_R | PERM_W);
        grant_pattern(to, "/dev/vfio/[0-9]*", "", "", PERM_R | PERM_W);
    }
    if (needs_gl(domain))
        add_gl(to);
    if (domain->sev)
        grant_pattern(to, "/dev/sev", "", "", PERM_R | PERM_W);
    return TRUE;
}
