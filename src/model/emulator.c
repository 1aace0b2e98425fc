/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <string.h>

#include "base/error.h"
#include "host/program.h"

/*
 * libvirt's abstraction has the programs that distributions install. Another QEMU, as of /usr/local or /opt,
 * is run under the VM's own profile, which therefore has to allow it; and it looks for its firmware and
 * modules beside itself (get_relocated_path() of QEMU's util/cutils.c).
 */

static gboolean
is_common(const char *program)
{
    static const char *const prefixes[] = {"/usr/bin/qemu", "/usr/bin/kvm", NULL};

    for (const char *const *prefix = prefixes; *prefix; prefix++)
        if (g_str_has_prefix(program, *prefix) && !strchr(program + strlen("/usr/bin/"), '/'))
            return TRUE;
    return FALSE;
}

/* Where PREFIX/bin/NAME has its data, if that was installed as PREFIX. */
static void
add_installation(Builder *builder, const char *program)
{
    g_autofree char *dir = g_path_get_dirname(program);
    g_autofree char *prefix = g_path_get_dirname(dir);

    if (!g_str_has_suffix(dir, "/bin") || g_str_equal(prefix, "/") || g_str_equal(prefix, "/usr"))
        return;
    builder_pattern(builder, "", prefix, "/share/{qemu,qemu-firmware}/**", PERM_R | PERM_K);
    builder_pattern(builder, "", prefix, "/lib{,32,64}/{,*-linux-gnu*/}qemu/*.so", PERM_R | PERM_M);
}

gboolean
model_add_emulator(Builder *builder, GError **error G_GNUC_UNUSED)
{
    const Domain *domain = builder->domain;
    const DomainPath *emulator = &domain->emulator;
    g_autofree char *program = NULL;
    g_autoptr(GError) nonfatal = NULL;

    if ((domain->virt != DOMAIN_VIRT_QEMU && domain->virt != DOMAIN_VIRT_KVM) || !emulator->path ||
        *emulator->path != '/')
        return TRUE;
    /* one that is not there libvirtd cannot run, and says so */
    program = host_realpath(builder->host, emulator->path);
    if (!program || is_common(program))
        return TRUE;
    builder_at(builder, g_strdup("<emulator>"), emulator->line);
    if (!host_program_check(builder->host, program, &nonfatal)) {
        builder_warn(builder, g_strdup(nonfatal->message));
        return TRUE;
    }
    builder_pattern(builder, "", program, "", PERM_R | PERM_M | PERM_X);
    add_installation(builder, program);
    return TRUE;
}
