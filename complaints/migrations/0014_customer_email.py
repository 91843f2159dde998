from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    """The address of a customer is found by its index: the condition kept every look-up from using it."""

    dependencies = [("complaints", "0013_rounds_of_the_past")]

    operations = [
        migrations.RemoveIndex(model_name="customer", name="customer_email"),
        migrations.AddIndex(model_name="customer", index=models.Index(Lower("email"), name="customer_email")),
    ]
