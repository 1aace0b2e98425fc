/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <string.h>

/*
 * Sound: QEMU opens the device or file and connects to the server by itself. What a client library reads
 * of its configuration has the paths of abstractions/audio, of which libvirt's abstraction has some only.
 */

#define RW (PERM_R | PERM_W)

/* ALSA's nodes, /dev/snd, are in libvirt's abstraction; its names are no paths. */
static gboolean
add_alsa(Builder *builder, const char *device, GError **error)
{
    if (!device || *device != '/' || g_str_has_prefix(device, "/dev/snd/"))
        return TRUE;
    return builder_path(builder, device, RW, ADD_OPTIONAL, error);
}

/* Without a name QEMU takes the first device (audio/ossaudio.c). */
static gboolean
add_oss(Builder *builder, const char *device, GError **error)
{
    return builder_path(builder, device ? device : "/dev/dsp", RW, ADD_OPTIONAL, error);
}

static gboolean
add_pipewire(Builder *builder, const char *runtime_dir, GError **error)
{
    g_autofree char *socket = NULL;

    builder_pattern(builder, "/{etc,usr/share}/pipewire/client{,-rt}.conf", "", "", PERM_R);
    builder_pattern(builder, "/{etc,usr/share}/pipewire/client{,-rt}.conf.d/{,*.conf}", "", "",
                    PERM_R);
    if (!runtime_dir)
        return TRUE;
    /* the first of the server's names (PIPEWIRE_REMOTE is not in QEMU's environment) */
    socket = g_strconcat(runtime_dir, "/pipewire-0", NULL);
    return builder_path(builder, socket, RW, ADD_OPTIONAL, error);
}

/* One of several addresses: "{MACHINE}unix:/PATH" with the first two optional; else that of a host. */
static const char *
pulse_socket(const char *address)
{
    if (*address == '{') {
        const char *end = strchr(address, '}');

        address = end ? end + 1 : address;
    }
    if (g_str_has_prefix(address, "unix:"))
        address += strlen("unix:");
    return *address == '/' ? address : NULL;
}

static gboolean
add_pulse(Builder *builder, const char *server, GError **error)
{
    g_auto(GStrv) addresses = g_strsplit(server ? server : "", " ", -1);

    builder_pattern(builder, "/etc/pulse/client.conf.d/{,*.conf}", "", "", PERM_R);
    for (char **address = addresses; *address; address++) {
        const char *socket = pulse_socket(*address);

        if (socket && !builder_path(builder, socket, RW, ADD_OPTIONAL, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
model_add_audio(Builder *builder, gconstpointer device, GError **error)
{
    const DomainAudio *audio = device;

    switch (audio->type) {
    case DOMAIN_AUDIO_ALSA:
        builder_pattern(builder, "/etc/{asound.conf,alsa/conf.d/,alsa/conf.d/*}", "", "", PERM_R);
        return add_alsa(builder, audio->input, error) && add_alsa(builder, audio->output, error);
    case DOMAIN_AUDIO_FILE:
        return !audio->path || builder_path(builder, audio->path, RW, ADD_OPTIONAL, error);
    case DOMAIN_AUDIO_OSS:
        return add_oss(builder, audio->input, error) && add_oss(builder, audio->output, error);
    case DOMAIN_AUDIO_PIPEWIRE:
        return add_pipewire(builder, audio->runtime_dir, error);
    case DOMAIN_AUDIO_PULSE:
        return add_pulse(builder, audio->server, error);
    case DOMAIN_AUDIO_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}
