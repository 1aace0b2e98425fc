/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

/* Types of virDomainAudioType that may name a path of this host. */
static const struct {
    const char *name;
    DomainAudioType type;
} audio_types[] = {
    {"alsa", DOMAIN_AUDIO_ALSA},        {"file", DOMAIN_AUDIO_FILE},
    {"oss", DOMAIN_AUDIO_OSS},          {"pipewire", DOMAIN_AUDIO_PIPEWIRE},
    {"pulseaudio", DOMAIN_AUDIO_PULSE},
};

void
domain_clear_audio(gpointer device)
{
    DomainAudio *audio = device;

    g_free(audio->path);
    g_free(audio->runtime_dir);
    g_free(audio->server);
    g_free(audio->input);
    g_free(audio->output);
}

gboolean
domain_parse_audio(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED,
                   GError **error G_GNUC_UNUSED)
{
    DomainAudio *audio = device;
    g_autofree char *type = xml_attr(node, "type");

    for (gsize i = 0; type && i < G_N_ELEMENTS(audio_types); i++)
        if (g_str_equal(type, audio_types[i].name))
            audio->type = audio_types[i].type;
    switch (audio->type) {
    case DOMAIN_AUDIO_FILE:
        audio->path = xml_attr(node, "path");
        break;
    case DOMAIN_AUDIO_PIPEWIRE:
        audio->runtime_dir = xml_attr(node, "runtimeDir");
        break;
    case DOMAIN_AUDIO_PULSE:
        audio->server = xml_attr(node, "serverName");
        break;
    case DOMAIN_AUDIO_ALSA:
    case DOMAIN_AUDIO_OSS:
        audio->input = xml_attr(xml_child(node, "input"), "dev");
        audio->output = xml_attr(xml_child(node, "output"), "dev");
        break;
    case DOMAIN_AUDIO_OTHER:
        break;
    }
    return TRUE;
}
