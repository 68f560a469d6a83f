"""What stands between a clean clone and a site worth looking at."""

import secrets
import socket

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from articles.models import Article

ADMIN_NAME = "admin"


class Command(BaseCommand):
    help = (
        "Prepare the local copy that `make run` starts: bring the database up to date and, on the very first "
        "start, fill it with demonstration content and make an administrator. Later starts change nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="where the server will listen, if that is to be tried")

    def handle(self, *, port, **options):
        if port:
            self.check_port(port)
        call_command("migrate", verbosity=0)
        users = get_user_model().objects
        if not users.exists() and not Article.objects.exists():
            self.stdout.write("First start: writing the demonstration content …")
            call_command("seed_demo", stdout=self.stdout)
        if not users.filter(is_superuser=True).exists():
            self.make_admin()
        self.stdout.write(
            self.style.SUCCESS(
                f"\nAfterword is at {settings.SITE_URL}/\n"
                f"The admin is at  {settings.SITE_URL}{reverse('admin:index')}{self.sign_in()}\n"
                "Stop with Ctrl+C.\n"
            )
        )
        # The server takes this process's place: what is still buffered would be lost.
        self.stdout.flush()

    def check_port(self, port):
        """Name a port that is taken: the server itself would share it, and each page be anybody's."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is in use. Stop what runs there, or take another: make run PORT={port + 1}"
                ) from error

    @property
    def password_file(self):
        return settings.BASE_DIR / "var" / "admin-password.txt"

    def make_admin(self):
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser(ADMIN_NAME, "admin@example.org", password)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password + "\n")

    def sign_in(self):
        """Return the words that name the generated password, as long as it is still in force."""
        if not self.password_file.exists():
            return ""
        password = self.password_file.read_text().strip()
        admin = get_user_model().objects.filter(username=ADMIN_NAME).first()
        if admin is None or not admin.check_password(password):
            return ""
        return f"  (user {ADMIN_NAME}, password {password})"
