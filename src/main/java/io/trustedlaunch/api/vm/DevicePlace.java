package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * Where a device is in the guest's machine.
 *
 * @param device a disk (disk/NAME; disk/os is the OS disk), a drive for discs (disc/NAME), a network card (nic/NAME), seed (the disc with the user data), rng, usb or
 *     virtio-serial; or a controller that others are connected to, with its number (root-port/N, bridge/N, sata/N)
 * @param address of a PCI device BUS:SLOT.FUNCTION, hexadecimal as lspci shows it, where the bus is the number of its root port or
 *     bridge; of a disk at a SATA controller sata:CONTROLLER.PORT
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DevicePlace(
        @Required @Pattern(DevicePlace.DEVICE) @Size(max = 57)
        String device,

        @Required @Pattern(DevicePlace.ADDRESS) @Size(max = 8)
        String address) {
    private static final String NAME = "[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?";

    /** A disk may have its epoch after the name, by which it differs from an earlier one of that name. */
    static final String DEVICE = "^(disk/" + NAME + "([.][1-9][0-9]{0,18})?|(nic|disc)/" + NAME
            + "|seed|rng|usb|virtio-serial|(root-port|bridge|sata)/[1-9][0-9]?)$";

    static final String ADDRESS = "^([0-9a-f]{2}:[01][0-9a-f][.][0-7]|sata:[0-9][.][0-5])$";

    public static final String SEED = "seed";
    static final String DISK = "disk/";
    static final String DISC = "disc/";
    public static final String RNG = "rng";
    public static final String USB = "usb";
    public static final String VIRTIO_SERIAL = "virtio-serial";

    private static final java.util.regex.Pattern DEVICES = java.util.regex.Pattern.compile(DEVICE);
    private static final java.util.regex.Pattern PCI =
            java.util.regex.Pattern.compile("([0-9a-f]{2}):([01][0-9a-f])[.]([0-7])");
    private static final java.util.regex.Pattern SATA = java.util.regex.Pattern.compile("sata:([0-9])[.]([0-5])");

    /** @param name os for the OS disk */
    public static String disk(String name) {
        return DISK + name;
    }

    /** A drive for discs. */
    public static String disc(String name) {
        return DISC + name;
    }

    public static String nic(String name) {
        return "nic/" + name;
    }

    public static String rootPort(int number) {
        return "root-port/" + number;
    }

    public static String bridge(int number) {
        return "bridge/" + number;
    }

    public static String sata(int number) {
        return "sata/" + number;
    }

    /** An address, parsed. */
    public sealed interface Address {
        /** Empty if it has another form. */
        static Optional<Address> parse(String text) {
            Matcher pci = PCI.matcher(text);
            if (pci.matches()) {
                return Optional.of(new Pci(hex(pci, 1), hex(pci, 2), hex(pci, 3)));
            }
            Matcher sata = SATA.matcher(text);
            return sata.matches() ? Optional.of(new Sata(hex(sata, 1), hex(sata, 2))) : Optional.empty();
        }

        private static int hex(Matcher matcher, int group) {
            return Integer.parseInt(matcher.group(group), 16);
        }
    }

    /** On the bus of a root port or bridge, or on bus 0, which is the machine's own. */
    public record Pci(int bus, int slot, int function) implements Address {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%02x:%02x.%x", bus, slot, function);
        }
    }

    /** A port of a SATA controller; controller 0 is the machine's own. */
    public record Sata(int controller, int port) implements Address {
        public static final int PORTS = 6;

        @Override
        public String toString() {
            return "sata:" + controller + "." + port;
        }
    }

    /** Empty if it cannot be one. */
    public static Optional<DevicePlace> of(String device, Address address) {
        String text = address.toString();
        return DEVICES.matcher(device).matches() && Address.parse(text).equals(Optional.of(address))
                ? Optional.of(new DevicePlace(device, text))
                : Optional.empty();
    }

    /** Empty unless it is a place of some device. */
    public Optional<Address> parsed() {
        return Optional.ofNullable(address)
                .filter(text -> device != null && DEVICES.matcher(device).matches())
                .flatMap(Address::parse);
    }

    /** The number of a controller of that kind; empty for another device. */
    public static Optional<Integer> numberOf(String device, String kind) {
        return Optional.of(device)
                .filter(name -> name.startsWith(kind + "/"))
                .map(name -> Integer.valueOf(name.substring(kind.length() + 1)));
    }
}
