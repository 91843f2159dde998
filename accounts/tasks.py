from celery import shared_task

from accounts.signin import mail_password_reset


@shared_task
def send_password_reset(email: str) -> bool:
    """Mail a link for a new password to the person with this address, if there is one."""
    return mail_password_reset(email)
