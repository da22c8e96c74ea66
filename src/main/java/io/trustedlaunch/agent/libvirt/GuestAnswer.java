package io.trustedlaunch.agent.libvirt;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A guest agent's answer as libvirt passes it on, by the names of its virDomainGetGuestInfo. Values are the guest's word. */
interface GuestAnswer {
    /** @param maxBytes a longer text is cut off */
    Optional<String> text(String name, int maxBytes);

    /** As an unsigned number, which may be negative here. */
    OptionalLong number(String name);

    OptionalInt integer(String name);

    /** Length of a list, as an unsigned number; 0 without one. */
    int size(String name);
}
