package io.trustedlaunch.api;

import java.time.Duration;
import java.util.Locale;

/** Patterns and CEL rules that more than one field uses. */
public final class Schemas {
    public static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    public static final String NETWORK_NAME = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

    /** Lower or upper case, colons, group bit clear: a multicast address is no address of a card. */
    public static final String UNICAST_MAC = "^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$";

    public static final String SHA256 = "^[0-9a-f]{64}$";

    public static final String UID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

    /** A possible name of a Kubernetes object; no other can be found. */
    public static final String OBJECT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    public static final String MACHINE_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

    public static final String ADDRESS_MESSAGE = "address must be an IP address or a DNS name in lower case";

    public static final String ADDRESS = "isIP(self) || self.matches('" + OBJECT_NAME + "')";

    public static final String ADDRESS_AND_PORT_MESSAGE =
            "address must be an IPv4 address, an IPv6 address in brackets or a DNS name in lower case, with a port after a"
                    + " colon or without";

    public static final String ADDRESS_AND_PORT =
            "self.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*|[[][0-9a-f:.]+[]])"
                    + "(:[1-9][0-9]{0,4})?$')"
                    + " && (!self.matches(':[0-9]{5}$') || int(self.substring(self.lastIndexOf(':') + 1)) <= 65535)"
                    + " && (!self.startsWith('[') || isIP(self.substring(1, self.indexOf(']'))))";

    /** A path below the root of Redfish, without anything that leads elsewhere. */
    public static final String REDFISH_PATH = "^/redfish/v1(/[A-Za-z0-9][-A-Za-z0-9._~%@:]*)+/?$";

    /** The key of a Kubernetes label: a name, with a DNS name before it or not. */
    public static final String LABEL_KEY =
            "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

    /** A schema has no keyword for the keys of a map. */
    public static final String LABEL_KEYS = "self.all(key, size(key) <= 317)";

    public static final String LABEL_KEYS_MESSAGE = "the key of a label has at most 317 characters";

    public static final String LABEL_VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
    /** An https URL without a user: a URL that everybody may read must not hold a password. */
    public static final String HTTPS_URL =
            "isURL(self) && url(self).getScheme() == 'https' && url(self).getHost() != ''"
                    + " && !self.contains('@') && !self.contains('#')";

    public static final String HTTPS_URL_MESSAGE = "must be an https URL without user and fragment";

    public static final String HTTPS_SERVER_MESSAGE = "must be the https URL of a server, without user and path";

    public static final String HTTPS_SERVER =
            "self.matches('^https://([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|[[][0-9a-fA-F:.]+[]])"
                    + "(:[1-9][0-9]{0,4})?$') && isURL(self)";

    public static final String BUCKET = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

    /** Parts that no server and no client changes on its way, without . and .. */
    public static final String BUCKET_PREFIX = "^[A-Za-z0-9][-A-Za-z0-9_.]*(/[A-Za-z0-9][-A-Za-z0-9_.]*)*$";

    /**
     * Registry, repository, and a tag or a digest or both. The registry is written out: a dot, a port or localhost tells it
     * from a part of the repository.
     */
    public static final String OCI_REFERENCE =
            "^(localhost|[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?([.][A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)+"
                    + "|[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?:[0-9]{1,5}|localhost:[0-9]{1,5})"
                    + "(/[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*)+"
                    + "(:[A-Za-z0-9_][-A-Za-z0-9._]{0,127}|(:[A-Za-z0-9_][-A-Za-z0-9._]{0,127})?@sha256:[0-9a-f]{64})$";

    /** The identifiers of marketplaces, without characters that only look like a letter of another name. */
    public static final String IDENTIFIER = "^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$";

    /** Chosen by its signer. As {@code CatalogReading.NAME}. */
    public static final String CATALOG_NAME = "^[a-z0-9]([-a-z0-9./]*[a-z0-9])?$";

    public static final String PLAIN_PATH_MESSAGE = "path is absolute, without '.', '..' or empty parts";

    public static final String PLAIN_PATH =
            "self.startsWith('/') && !self.substring(1).split('/').exists(p, p == '..' || p == '.' || p == '')";

    public static final String NO_CONTROL_CHARACTERS = "^[^\\x00-\\x1f\\x7f]*$";

    /**
     * Quantities are int-or-string, so CEL sees either. Of Kubernetes' notation only what has one meaning to everybody:
     * no exponent, no sign, no thousandth of a byte.
     */
    private static final String BYTES = "string(self).matches('^[0-9]+([.][0-9]+)?(k|Ki|[MGT]i?)?$')";

    /** The upper bound keeps sums of bytes far from overflow. */
    private static final String AT_MOST_64_TI = " && quantity(string(self)).compareTo(quantity('64Ti')) <= 0";

    public static final String MEMORY =
            BYTES + " && quantity(string(self)).compareTo(quantity('64Mi')) >= 0" + AT_MOST_64_TI;

    public static final String BANDWIDTH =
            BYTES + " && quantity(string(self)).compareTo(quantity('1Mi')) >= 0" + AT_MOST_64_TI;

    public static final String DISK_SIZE =
            BYTES + " && quantity(string(self)).compareTo(quantity('1Mi')) >= 0" + AT_MOST_64_TI;

    /** A limit of a whole namespace, whose use must stay far from overflow, too. */
    public static final String QUOTA_BYTES = BYTES + " && quantity(string(self)).compareTo(quantity('1000000Ti')) <= 0";

    /**
     * Begins a rule of a whole VM, which sees its status: as long as no TPM is on record, no guest ran, and what was prepared can
     * be prepared again.
     */
    public static final String NOTHING_MADE = "!has(self.status) || !has(self.status.vTPM) || ";

    public static final String SAME_IMAGE = NOTHING_MADE + "self.spec.imageRef == oldSelf.spec.imageRef";

    /** Back to what the VM was made from, should the field differ. */
    public static final String RECORDED_IMAGE = " || (has(self.status.image) && has(self.status.image.name)"
            + " && self.spec.imageRef.name == self.status.image.name)";

    public static final String SAME_OS_DISK_SOURCE =
            NOTHING_MADE + "self.spec.osDisk.source == oldSelf.spec.osDisk.source";

    public static final String SAME_LOCATION =
            NOTHING_MADE + "self.spec.storageLocationRef == oldSelf.spec.storageLocationRef"
                    + " || (has(self.status.guestState) && has(self.status.guestState.home)"
                    + " && has(self.status.guestState.home.storageLocation)"
                    + " && self.spec.storageLocationRef.name == self.status.guestState.home.storageLocation)";

    /** Silent about what is no quantity, as {@link #NOT_SMALLER}. */
    public static final String NO_DISK_SMALLER = NOTHING_MADE
            + "!has(self.spec.dataDisks) || !has(oldSelf.spec.dataDisks)"
            + " || self.spec.dataDisks.all(d, !isQuantity(string(d.size)) || oldSelf.spec.dataDisks.all(o, o.name != d.name"
            + " || !isQuantity(string(o.size))"
            + " || quantity(string(d.size)).compareTo(quantity(string(o.size))) >= 0))";

    /** One that is omitted is derived from the card's name, and so is another one than any that is set. */
    public static final String SAME_MAC_ADDRESSES = NOTHING_MADE
            + "!has(self.spec.networkInterfaces) || !has(oldSelf.spec.networkInterfaces)"
            + " || self.spec.networkInterfaces.all(c, oldSelf.spec.networkInterfaces.all(o, o.name != c.name"
            + " || (has(o.macAddress) ? has(c.macAddress) && c.macAddress.lowerAscii() == o.macAddress.lowerAscii()"
            + " : !has(c.macAddress))))";

    /** Silent about what is no quantity: {@link #DISK_SIZE} says so. */
    public static final String NOT_SMALLER = NOTHING_MADE
            + "!isQuantity(string(self.spec.osDisk.size)) || !isQuantity(string(oldSelf.spec.osDisk.size))"
            + " || quantity(string(self.spec.osDisk.size)).compareTo(quantity(string(oldSelf.spec.osDisk.size))) >= 0";

    /** All but allowedNamespaces and preload. */
    public static final String SAME_IMAGE_SPEC =
            "self.osType == oldSelf.osType && self.identifier == oldSelf.identifier"
                    + " && self.version == oldSelf.version && self.source == oldSelf.source && self.form == oldSelf.form"
                    + " && has(self.sha256) == has(oldSelf.sha256) && (!has(self.sha256) || self.sha256 == oldSelf.sha256)";

    /** Hours, minutes and seconds, in this order, as in 1h30m. */
    public static final String DURATION = "^([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,4}s)?$";

    /** As {@link #DURATION}, and up to eleven years. */
    public static final String LONG_DURATION = "^([0-9]{1,5}h)?([0-9]{1,4}m)?([0-9]{1,4}s)?$";

    private Schemas() {}

    /** @param text as {@link #DURATION} */
    public static Duration duration(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }
}
