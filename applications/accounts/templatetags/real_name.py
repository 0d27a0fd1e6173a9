from django import template

from applications.accounts.real_name import real_name_provider

register = template.Library()
register.simple_tag(real_name_provider)
