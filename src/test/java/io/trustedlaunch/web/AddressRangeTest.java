package io.trustedlaunch.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, PUBLIC",
        "172.15.255.255, PUBLIC",
        "172.32.0.1, PUBLIC",
        "192.0.2.1, PUBLIC",
        "100.128.0.1, PUBLIC",
        "2001:db8::1, PUBLIC",
        "10.0.0.1, PRIVATE",
        "172.16.0.1, PRIVATE",
        "172.31.255.255, PRIVATE",
        "192.168.1.1, PRIVATE",
        "100.64.0.1, PRIVATE",
        "198.18.0.1, PRIVATE",
        "fd00:ec2::254, PRIVATE",
        "fec0::1, PRIVATE",
        "127.0.0.1, LOCAL",
        "127.9.9.9, LOCAL",
        "0.0.0.0, LOCAL",
        "0.1.2.3, LOCAL",
        "169.254.169.254, LOCAL",
        "224.0.0.1, LOCAL",
        "255.255.255.255, LOCAL",
        "::1, LOCAL",
        "::, LOCAL",
        "fe80::1, LOCAL",
        "ff02::1, LOCAL",
        "::ffff:127.0.0.1, LOCAL",
        "::ffff:10.0.0.1, PRIVATE",
        "::127.0.0.1, LOCAL",
        "64:ff9b::169.254.169.254, LOCAL",
        "64:ff9b::8.8.8.8, PUBLIC",
        "2002:0a00:0001::1, PRIVATE",
    })
    void everyAddressHasOne(String address, AddressRange range) throws UnknownHostException {
        assertThat(AddressRange.of(InetAddress.getByName(address))).isEqualTo(range);
    }
}
