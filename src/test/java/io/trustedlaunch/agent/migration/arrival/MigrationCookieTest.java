package io.trustedlaunch.agent.migration.arrival;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationCookieTest {
    private final String recorded = new String(ArrivalChecks.cookieWithDisks(), UTF_8);

    @Test
    void whatLibvirtSendsIsAccepted() {
        assertThat(MigrationCookie.refusal(recorded, Guests.copied())).isEmpty();
    }

    @Test
    void disksAreAcceptedOnlyIfTheyAreCopied() {
        String other = recorded.replace(Guests.COPIED.toString(), Guests.SHARED.toString());

        assertThat(MigrationCookie.refusal(other, Guests.shared()).orElse("accepted"))
                .contains("element qemu-migration/nbd is not expected");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "</hostuuid> | </hostuuid><domain type='kvm'/> | element qemu-migration/domain is not expected",
                "</hostuuid> | </hostuuid><graphics type='vnc' port='1'/> | element qemu-migration/graphics is not expected",
                "</hostuuid> | </hostuuid><network><interface/></network> | element qemu-migration/network",
                "</hostuuid> | </hostuuid><lockstate driver='sanlock'><leases>x</leases></lockstate>"
                        + "| element qemu-migration/lockstate",
                "</hostuuid> | </hostuuid><blockDirtyBitmaps/> | element qemu-migration/blockDirtyBitmaps",
                "</hostuuid> | </hostuuid><statistics><x>/etc</x></statistics> | qemu-migration/statistics/NAME is \"/etc\"",
                "</hostuuid> | </hostuuid><statistics><x>1<y/></x></statistics> | element qemu-migration/statistics/NAME/y",
                "name='lockstate' | name='persistent' | qemu-migration/feature@name is \"persistent\"",
                "<nbd> | <nbd port='22'> | attribute qemu-migration/nbd@port is not expected",
                "<name>f968f4e3 | <name>00000000 | qemu-migration/name is",
                "<uuid>f968f4e3 | <uuid>00000000 | qemu-migration/uuid is",
                "target='vda' | target='../../x' | qemu-migration/nbd/disk@target is \"../../x\"",
                "<hostname>host-a | <hostname>$(x) | qemu-migration/hostname is \"$(x)\""
            })
    void aChangeIsRefusedByName(String text, String changed, String reason) {
        assertThat(recorded).contains(text);

        assertThat(MigrationCookie.refusal(recorded.replace(text, changed), Guests.copied())
                        .orElse("accepted"))
                .contains(reason);
    }
}
