package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Asks guest agents about their guests, with one question for each kind of answer: a guest agent that knows no time zone, or lists
 * more file systems than libvirt takes, answers the rest.
 */
record GuestInfoReader(DomainCalls domains) {
    /** For each question; libvirt may wait as long again for the answer to one of its own before. */
    private static final int SECONDS = 2;

    /** No question is begun after that time. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** That of a real guest agent has 6 kB. */
    private static final int MAX_ANSWER = 64 * 1024;

    private static final String GUEST_INFO = "{\"execute\":\"guest-info\"}";

    /** Empty without a domain, without a guest agent, and if it does not answer. */
    Optional<GuestInfo> read(UUID vm) {
        return domains.with(
                        vm,
                        "ask the guest agent of VM " + vm,
                        (connection, domain) -> hasAgent(domain)
                                ? new Questions(connection.guestAgents(), vm).ask()
                                : Optional.<GuestInfo>empty())
                .flatMap(answer -> answer);
    }

    /** A guest agent has opened its port in the guest. */
    static boolean hasAgent(Domain domain) throws LibvirtException {
        return LibvirtXml.parse(domain.getXMLDesc(0))
                .values("/domain/devices/channel/target[@name='org.qemu.guest_agent.0']/@state")
                .contains("connected");
    }

    private record Questions(GuestAgents agent, UUID vm, long begun) {
        Questions(GuestAgents agent, UUID vm) {
            this(agent, vm, System.nanoTime());
        }

        /** One that is mute is asked no more than one question. */
        Optional<GuestInfo> ask() {
            return agent.command(vm, GUEST_INFO, SECONDS, MAX_ANSWER)
                    .map(answer -> GuestInfoBuilder.builder()
                            .agent(new GuestInfo.Agent(
                                    true, ReportedGuestInfo.version(answer).orElse(null)))
                            .os(ask(LibvirtNative.GUEST_OS, ReportedGuestInfo::os)
                                    .orElse(null))
                            .hostName(ask(LibvirtNative.GUEST_HOST_NAME, ReportedGuestInfo::hostName)
                                    .flatMap(name -> name)
                                    .orElse(null))
                            .timeZone(ask(LibvirtNative.GUEST_TIME_ZONE, ReportedGuestInfo::timeZone)
                                    .orElse(null))
                            .fileSystems(ask(LibvirtNative.GUEST_FILE_SYSTEMS, ReportedGuestInfo::fileSystems)
                                    .orElse(List.of()))
                            .build());
        }

        private <T> Optional<T> ask(int kind, Function<GuestAnswer, T> read) {
            return System.nanoTime() - begun < LIMIT.toNanos()
                    ? agent.guestInfo(vm, kind, SECONDS, read)
                    : Optional.empty();
        }
    }
}
