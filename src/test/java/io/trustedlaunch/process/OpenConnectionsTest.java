package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {
    private final OpenConnections connections = new OpenConnections(3);

    @Test
    void oneTooManyClosesTheOldestOfTheAddressThatHasTheMost() throws IOException {
        Socket probe = open("10.0.0.1");
        Socket first = open("10.0.0.9");
        Socket second = open("10.0.0.9");

        Socket third = open("10.0.0.9");

        assertThat(first.isClosed()).isTrue();
        assertThat(probe.isClosed()).isFalse();
        assertThat(second.isClosed()).isFalse();
        assertThat(third.isClosed()).isFalse();
    }

    @Test
    void amongAddressesWithOneConnectionEachTheOldestIsClosed() throws IOException {
        Socket first = open("10.0.0.1");
        Socket second = open("10.0.0.2");
        open("10.0.0.3");

        open("10.0.0.4");

        assertThat(first.isClosed()).isTrue();
        assertThat(second.isClosed()).isFalse();
    }

    @Test
    void aConnectionThatHasEndedCountsNoLonger() throws IOException {
        Socket first = open("10.0.0.1");
        Socket second = open("10.0.0.1");
        Socket third = open("10.0.0.2");
        connections.close(second);
        connections.close(second);

        Socket fourth = open("10.0.0.2");

        assertThat(first.isClosed()).isFalse();
        assertThat(third.isClosed()).isFalse();
        open("10.0.0.3");
        assertThat(third.isClosed()).isTrue();
        assertThat(first.isClosed()).isFalse();
        assertThat(fourth.isClosed()).isFalse();
    }

    private Socket open(String address) throws UnknownHostException {
        Socket socket = new SocketFrom(InetAddress.getByName(address));
        connections.add(socket);
        return socket;
    }

    private static final class SocketFrom extends Socket {
        private final InetAddress address;

        SocketFrom(InetAddress address) {
            this.address = address;
        }

        @Override
        public InetAddress getInetAddress() {
            return address;
        }
    }
}
