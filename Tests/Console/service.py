# SPDX-License-Identifier: Apache-2.0
"""Starts what the tests of the console need, and stops it."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class Program:
    """A program that runs until it is stopped."""

    def __init__(self, arguments, port, **environment):
        self.port = port
        self.arguments = arguments
        self.environment = {**os.environ, **environment}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.arguments, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def stop(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()

    @contextlib.contextmanager
    def away(self):
        """Has it gone meanwhile."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def cpu(self):
        """The seconds of processor time it has taken."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Service:
    """Storefronts on one Redis: one that is this machine's alone, and two behind nginx that operators log in to."""

    def __init__(self):
        self.directory = tempfile.mkdtemp()
        port = free_port()
        self.redis = Program(
            [os.environ.get("REDIS_SERVER", "redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--dir", self.directory], port)
        self.storefront = self.start_storefront(CONSOLE="this-machine")
        self.fleet = [self.start_storefront(CONSOLE="3") for _ in range(2)]
        self.balancer = self.start_balancer()

    def start_storefront(self, **environment):
        port = free_port()
        return Program(
            [os.environ["LARDER_STOREFRONT"]], port, PORT=str(port), DATABASE_PATH=f"{self.directory}/catalogue.sqlite",
            REDIS_URL=f"redis://127.0.0.1:{self.redis.port}", **environment)

    def start_balancer(self):
        port = free_port()
        parts = "".join(
            f"{part}_temp_path {self.directory}/{part};" for part in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        servers = "".join(f"server 127.0.0.1:{storefront.port};" for storefront in self.fleet)
        with open(f"{self.directory}/nginx.conf", "w") as file:
            file.write(
                f"daemon off; worker_processes 1; pid {self.directory}/pid; error_log {self.directory}/nginx.log;"
                f"events {{}} http {{ access_log off; {parts} upstream fleet {{ {servers} }}"
                f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://fleet;"
                " proxy_set_header Host $http_host; } } }")
        return Program(
            ["nginx", "-e", f"{self.directory}/nginx.log", "-c", f"{self.directory}/nginx.conf"], port)

    def stop(self):
        for program in [self.balancer, *self.fleet, self.storefront, self.redis]:
            program.stop(signal.SIGTERM if program is self.balancer else signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def redis_cli(self, *arguments, data=None):
        return subprocess.run(
            ["redis-cli", "-p", str(self.redis.port), *arguments], input=data, check=True, capture_output=True).stdout


def send(port, method, path, body=None, headers=None):
    """The status, the headers and the body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, None if body is None else json.dumps(body), headers or {})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.headers, text


class Load:
    """Customers, some of whom change prices, until it is left."""

    def __init__(self, port, customers=2):
        self.port = port
        self.is_over = False
        self.customers = [threading.Thread(target=self.shop) for _ in range(customers)]

    def shop(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        dice = random.Random(7)
        while not self.is_over:
            try:
                if dice.random() < 0.02:
                    connection.request("PUT", f"/products/{dice.randint(1, 20)}", '{"price": 900}')
                else:
                    path = dice.choice(["/products?category=3", "/users/7", "/bestsellers"])
                    if dice.random() < 0.7:
                        path = f"/products/{min(int(dice.paretovariate(1)), 200)}"
                    connection.request("GET", path)
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection.close()
            time.sleep(0.005)
        connection.close()

    def __enter__(self):
        for customer in self.customers:
            customer.start()

    def __exit__(self, *_):
        self.is_over = True
        for customer in self.customers:
            customer.join()


class Pings:
    """How long answers of a Redis to PING take meanwhile, in milliseconds."""

    def __init__(self, port):
        self.times = []
        self.is_over = False
        self.port = port
        self.thread = threading.Thread(target=self.ping)

    def ping(self):
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            while not self.is_over:
                start = time.monotonic()
                connection.sendall(b"PING\r\n")
                connection.recv(64)
                self.times.append(1000 * (time.monotonic() - start))
                time.sleep(0.001)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
