package io.trustedlaunch.api;

/** Patterns and CEL rules that more than one field uses. */
final class Schemas {
    static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    static final String NETWORK_NAME = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

    /** Lower or upper case, colons, group bit clear: a multicast address is no address of a card. */
    static final String UNICAST_MAC = "^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$";

    static final String SHA256 = "^[0-9a-f]{64}$";

    /** Quantities are int-or-string, so CEL sees either. */
    static final String POSITIVE_QUANTITY =
            "type(self) == int ? self > 0 : (isQuantity(self) && quantity(self).isGreaterThan(quantity('0')))";

    static final String NOT_SMALLER = "quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0";

    private Schemas() {}
}
